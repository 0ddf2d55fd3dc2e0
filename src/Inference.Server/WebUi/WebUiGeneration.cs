using System.Globalization;
using System.Text.Json;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Serves <c>txt2img</c> and <c>img2img</c> by the same way as all requests for pictures.</summary>
internal sealed class WebUiGeneration(
    Generator generator, AccountedRequests requests, ImageRequestReader reader, WebUiActivity activity, ActiveRequests active, Drain drain, ServerOptions options, TimeProvider time)
{
    /// <summary>Serves a request.</summary>
    /// <param name="context">The request and where its response goes.</param>
    /// <param name="task">Its name in the progress unless it has one.</param>
    /// <param name="takesImage">Whether it starts from a picture.</param>
    public Task HandleAsync(HttpContext context, string task, bool takesImage) => requests.RunAsync(context, async scope =>
    {
        generator.EnsureServing();
        var body = await ReadAsync(context, takesImage);
        var holder = context.Features.Get<KeyHolder>()?.Name;
        using var prepared = await PrepareAsync(context, body, holder, takesImage, scope.Outcome);
        using var life = new RequestLife(context.TraceIdentifier, context.RequestAborted, drain.Expired, active, prepared.Checked.Scheduling.Timeout, time);
        using var turn = generator.Admit(prepared);
        var run = new WebUiRun(body.ForceTaskId ?? task, holder, turn, life, prepared.Checked.Request.Count, time.GetUtcNow());
        activity.Add(run);
        FinishedGeneration finished;
        try
        {
            finished = await generator.RunAsync(prepared, turn, life, scope.Started, run, scope.Trace);
        }
        finally
        {
            activity.Remove(run);
        }
        scope.Outcome.Succeeded(finished.Result, finished.Report.TimingsMs);
        if (body is { OverrideSettingsRestoreAfterwards: false, OverrideSettings: { } kept })
            activity.Change(holder, kept);
        AccountingHeaders.Write(context.Response, finished);
        await context.Response.WriteAsJsonAsync(ResponseTo(body, prepared, finished, run.Begun), ServerJson.Default.WebUiResponse, cancellationToken: context.RequestAborted);
    });

    private async Task<WebUiBody> ReadAsync(HttpContext context, bool takesImage)
    {
        // Base64 is four characters for three bytes.
        if (takesImage)
            ImageRequestReader.AllowBytes(context, options.Limits.MaxBodyBytes + options.Limits.MaxImageBytes / 3 * 4L);
        return await RequestBody.ReadAsync(context.Request, ServerJson.Default.WebUiBody, context.RequestAborted);
    }

    private async Task<PreparedGeneration> PrepareAsync(HttpContext context, WebUiBody body, string? holder, bool takesImage, RequestOutcome outcome)
    {
        var image = takesImage ? WebUiImage.Decode(body, reader) : null;
        var translated = WebUiTranslation.Translate(body, activity.OptionsOf(holder), takesImage);
        try
        {
            return await generator.PrepareAsync(new(translated, image), RequestHints.Of(context.Request) with { Pictures = [] }, outcome, context.RequestAborted);
        }
        catch (InvalidRequestException invalid)
        {
            throw WebUiTranslation.Rename(invalid);
        }
        catch (BadRequestException bad)
        {
            throw WebUiTranslation.Rename(bad);
        }
    }

    private static WebUiResponse ResponseTo(WebUiBody body, PreparedGeneration prepared, FinishedGeneration finished, DateTimeOffset begun)
    {
        var (settings, images) = (finished.Result.Settings, finished.Result.Images);
        var (prompt, negative) = (prepared.Checked.Request.Prompt, prepared.Checked.Request.NegativePrompt ?? "");
        var info = new WebUiInfo(
            prompt, [.. images.Select(_ => prompt)], negative, [.. images.Select(_ => negative)], images[0].Seed, [.. images.Select(image => image.Seed)],
            settings.Size.Width, settings.Size.Height, WebUiTranslation.SamplerOf(body) ?? settings.Sampler, settings.GuidanceScale, settings.Steps, images.Count,
            prepared.Checked.Request.Strength, settings.Model, [.. images.Select(image => image.Parameters)], 0, Timestamp(begun), finished.Report.Version, finished.Report);
        return new(
            body.SendImages == false ? [] : [.. finished.Files.Select(file => Convert.ToBase64String(file))],
            // Echoed without the picture, which the client has.
            body with { InitImages = null }, JsonSerializer.Serialize(info, ServerJson.Default.WebUiInfo));
    }

    /// <summary>A time in the web UI's form.</summary>
    internal static string Timestamp(DateTimeOffset time) => time.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
}

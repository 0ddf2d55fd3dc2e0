namespace Inference.Server;

/// <summary>What the OpenAI endpoints that generate pictures while the client waits have in common: the request's life and the form of the response.</summary>
internal sealed class ImageGeneration(Generator generator, AccountedRequests requests, ImageStreaming streaming, ActiveRequests active, Drain drain, TimeProvider time)
{
    /// <summary>Serves a request.</summary>
    /// <param name="context">The request and where its response goes.</param>
    /// <param name="names">Names of its events, should it stream.</param>
    /// <param name="read">Reads the body.</param>
    public Task HandleAsync(HttpContext context, StreamEventNames names, Func<Task<ImageRequest>> read) => requests.RunAsync(context, async scope =>
    {
        generator.EnsureServing();
        using var prepared = await generator.PrepareAsync(await read(), RequestHints.Of(context.Request), scope.Outcome, context.RequestAborted);
        using var life = new RequestLife(context.TraceIdentifier, context.RequestAborted, drain.Expired, active, prepared.Checked.Scheduling.Timeout, time);
        using var turn = generator.Admit(prepared);
        if (prepared.Checked.Stream is { } stream)
        {
            await streaming.RespondAsync(context.Response, names, new(prepared, stream, turn, life, scope.Started, scope.Trace), scope.Outcome);
            return;
        }
        var finished = await generator.RunAsync(prepared, turn, life, scope.Started, scope.Trace);
        scope.Outcome.Succeeded(finished.Result, finished.Report.TimingsMs);
        await RespondAsync(context.Response, prepared.Checked.Output, finished);
    });

    private async Task RespondAsync(HttpResponse response, ImageOptions output, FinishedGeneration finished)
    {
        AccountingHeaders.Write(response, finished);
        if (output.AsBytes)
        {
            response.ContentType = output.Encoding.MediaType;
            response.ContentLength = finished.Files[0].Length;
            await response.Body.WriteAsync(finished.Files[0], response.HttpContext.RequestAborted);
            return;
        }
        await response.WriteAsJsonAsync(
            ImageGenerationResponse.Of(finished, time.GetUtcNow()), ServerJson.Default.ImageGenerationResponse, cancellationToken: response.HttpContext.RequestAborted);
    }
}

using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Says how far a client's oldest request is.</summary>
internal sealed class WebUiProgressReader(WebUiActivity activity, IImageCodec codec, TimeProvider time)
{
    /// <param name="holder">Holder of the client's key, or null.</param>
    /// <param name="withImage">Whether a preview is wanted.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    public async Task<WebUiProgress> ReadAsync(string? holder, bool withImage, CancellationToken cancellationToken)
    {
        if (activity.Of(holder) is not [var run, ..])
            return new(0, 0, new(false, false, "", 0, "0", 0, 0, 0), null, null);
        var state = new WebUiState(false, false, run.Task, run.Pictures, WebUiGeneration.Timestamp(run.Begun), 0, run.Step, run.Steps);
        var image = withImage && run.Preview is { } preview ? await RenderAsync(preview, cancellationToken) : null;
        return new(run.Progress, Remaining(run).TotalSeconds, state, image, null);
    }

    // At the pace so far, which includes the wait before it began.
    private TimeSpan Remaining(WebUiRun run) =>
        run.Progress > 0 ? (time.GetUtcNow() - run.Begun) * ((1 - run.Progress) / run.Progress) : run.StartsIn;

    private async Task<string?> RenderAsync(PicturePreview preview, CancellationToken cancellationToken)
    {
        try
        {
            return Convert.ToBase64String(codec.Encode(await preview.RenderAsync(PreviewKind.Projection, cancellationToken), ImageEncoding.Png()));
        }
        catch (GenerationFailedException)
        {
            // Not finite: what to say about that is up to the request itself.
            return null;
        }
    }
}

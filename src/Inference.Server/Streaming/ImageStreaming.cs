using Inference.Pipelines;

namespace Inference.Server;

/// <summary>A request that was let in and streams.</summary>
internal sealed record StreamedGeneration(PreparedGeneration Prepared, StreamOptions Options, Turn Turn, RequestLife Life, long Started, RequestTrace Trace);

/// <summary>Answers a request with server-sent events: previews while it runs, then each picture, or an error.</summary>
internal sealed partial class ImageStreaming(Generator generator, IImageCodec codec, ServerOptions options, TimeProvider time, ILogger<ImageStreaming> logger)
{
    /// <summary>Runs the request and sends its events.</summary>
    /// <exception cref="OperationCanceledException">The client is gone; the work has stopped.</exception>
    public async Task RespondAsync(HttpResponse response, StreamEventNames names, StreamedGeneration streamed, RequestOutcome outcome)
    {
        await using var events = await EventStream.OpenAsync(response, TimeSpan.FromSeconds(options.Streaming.HeartbeatSeconds), time);
        var (prepared, stream, life) = (streamed.Prepared, streamed.Options, streamed.Life);
        var tap = new PreviewTap(prepared.Checked.Request.Count, stream);
        var steps = new ProgressTap(prepared.Checked.Request.Count);
        var run = RunAsync(streamed, tap, steps);
        try
        {
            FinishedGeneration finished;
            await using (stream.Progress ? ProgressReporter.Start(events, names.Progress, streamed.Turn, steps, time) : null)
            {
                await foreach (var preview in tap.ReadAsync(life.Token))
                    await SendPreviewAsync(events, names, preview, prepared, stream.Preview, life.Token);
                finished = await run;
            }
            for (var i = 0; i < finished.Files.Count; i++)
                await events.SendAsync(names.Completed, Completed(names, finished, i), ServerJson.Default.CompletedImageEvent);
            outcome.Succeeded(finished.Result, finished.Report.TimingsMs);
        }
        catch (Exception exception) when (!response.HttpContext.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(events, exception is OperationCanceledException cancelled ? life.Explain(cancelled) : exception, outcome, response.HttpContext.TraceIdentifier);
        }
        finally
        {
            // Nothing runs on after the response.
            life.Cancel();
            await ((Task)run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<FinishedGeneration> RunAsync(StreamedGeneration streamed, PreviewTap tap, ProgressTap steps)
    {
        try
        {
            return await generator.RunAsync(streamed.Prepared, streamed.Turn, streamed.Life, streamed.Started, tap, steps, streamed.Trace);
        }
        finally
        {
            tap.Complete();
        }
    }

    private async Task SendPreviewAsync(EventStream events, StreamEventNames names, CapturedPreview captured, PreparedGeneration prepared, PreviewKind kind, CancellationToken cancellationToken)
    {
        RgbImage image;
        try
        {
            image = await captured.Preview.RenderAsync(kind, cancellationToken);
        }
        catch (GenerationFailedException)
        {
            // Not finite: what to say about that is up to the run itself.
            return;
        }
        var output = prepared.Checked.Output;
        var file = Convert.ToBase64String(codec.Encode(image, output.Encoding));
        await events.SendAsync(
            names.PartialImage,
            new(names.PartialImage, file, Now(), $"{image.Width}x{image.Height}", "auto", "opaque", output.FormatName, captured.Index, captured.Image, captured.Step, captured.Steps),
            ServerJson.Default.PartialImageEvent);
    }

    private CompletedImageEvent Completed(StreamEventNames names, FinishedGeneration finished, int index) => new(
        names.Completed, Convert.ToBase64String(finished.Files[index]), Now(), finished.Result.Settings.Size.ToString(), "auto", "opaque", finished.Format,
        StreamUsage.None, index, finished.Report);

    private async Task FailAsync(EventStream events, Exception exception, RequestOutcome outcome, string id)
    {
        var known = HttpError.For(exception);
        var error = known ?? HttpError.Internal(id);
        outcome.Failed(error.Status);
        if (error.Status >= 500)
            LogFailure(exception, id);
        await events.SendAsync(StreamEventNames.Error, new(error.Error), ServerJson.Default.StreamErrorEvent);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeSeconds();

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} failed while it streamed")]
    private partial void LogFailure(Exception exception, string requestId);
}

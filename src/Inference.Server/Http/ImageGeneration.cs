namespace Inference.Server;

/// <summary>What the endpoints that generate pictures while the client waits have in common: the request's life, the form of the response, metrics.</summary>
internal sealed class ImageGeneration(Generator generator, ImageStreaming streaming, ActiveRequests active, ServerMetrics metrics, Drain drain, TimeProvider time)
{
    /// <summary>Serves a request.</summary>
    /// <param name="context">The request and where its response goes.</param>
    /// <param name="names">Names of its events, should it stream.</param>
    /// <param name="read">Reads the body.</param>
    public async Task HandleAsync(HttpContext context, StreamEventNames names, Func<Task<ImageRequest>> read)
    {
        var started = time.GetTimestamp();
        var outcome = new RequestOutcome();
        using var trace = RequestTrace.Start(context);
        try
        {
            generator.EnsureServing();
            using var prepared = await generator.PrepareAsync(await read(), RequestHints.Of(context.Request), outcome, context.RequestAborted);
            using var life = new RequestLife(context.TraceIdentifier, context.RequestAborted, drain.Expired, active, prepared.Checked.Scheduling.Timeout, time);
            using var turn = generator.Admit(prepared);
            if (prepared.Checked.Stream is { } stream)
            {
                await streaming.RespondAsync(context.Response, names, new(prepared, stream, turn, life, started, trace), outcome);
                return;
            }
            var finished = await generator.RunAsync(prepared, turn, life, started, trace);
            outcome.Succeeded(finished.Result, finished.Report.TimingsMs);
            await RespondAsync(context.Response, prepared.Checked.Output, finished);
        }
        catch (Exception exception)
        {
            outcome.Failed(context.RequestAborted.IsCancellationRequested ? ErrorHandling.ClientClosedRequest : HttpError.For(exception)?.Status ?? 500);
            throw;
        }
        finally
        {
            metrics.Record(outcome, time.GetElapsedTime(started));
            trace.Finish(outcome);
        }
    }

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

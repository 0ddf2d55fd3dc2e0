namespace Inference.Server;

/// <inheritdoc cref="IImageGenerator"/>
internal sealed class QueuedImageGenerator(Generator generator, ModelHost models, ActiveRequests active, Drain drain, ServerMetrics metrics, TimeProvider time, IHostApplicationLifetime lifetime) : IImageGenerator
{
    public async Task<GeneratedPictures> GenerateAsync(ImageGenerationBody request, CancellationToken cancellationToken = default)
    {
        var started = time.GetTimestamp();
        var outcome = new RequestOutcome();
        try
        {
            await LoadedAsync(cancellationToken);
            if (request.Stream == true)
                throw new BadRequestException(HttpError.Invalid("'stream' cannot be true where the pictures are returned.", "stream", "invalid_value"));
            generator.EnsureServing();
            using var prepared = await generator.PrepareAsync(new(request, null), RequestHints.None, outcome, cancellationToken);
            using var life = new RequestLife($"call_{Guid.CreateVersion7():N}", cancellationToken, drain.Expired, active, prepared.Checked.Scheduling.Timeout, time);
            using var turn = generator.Admit(prepared);
            var finished = await generator.RunAsync(prepared, turn, life, started);
            outcome.Succeeded(finished.Result, finished.Report.TimingsMs);
            return new(finished.Files, finished.Format, finished.Report);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome.Failed(ErrorHandling.ClientClosedRequest);
            throw;
        }
        catch (Exception exception) when (HttpError.For(exception) is { } error)
        {
            outcome.Failed(error.Status);
            throw new ImageGenerationException(error.Error, exception) { RetryAfter = error.RetryAfter };
        }
        catch
        {
            outcome.Failed(StatusCodes.Status500InternalServerError);
            throw;
        }
        finally
        {
            metrics.Record(outcome, time.GetElapsedTime(started));
        }
    }

    // A host whose models cannot be loaded stops, and whoever waits for them with it.
    private async Task LoadedAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await models.Loaded.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServerStoppingException();
        }
    }
}

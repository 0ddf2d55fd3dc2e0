namespace Inference.Pipelines;

/// <summary>Makes the pictures of one request, denoised side by side and decoded one after the other.</summary>
/// <param name="parts">The model.</param>
/// <param name="run">Denoises a picture.</param>
/// <param name="time">Clock of the report.</param>
internal sealed class RequestRun(PipelineParts parts, PictureRun run, TimeProvider time)
{
    /// <summary>Makes all pictures; the first that fails stops the others.</summary>
    /// <exception cref="GenerationFailedException">A result is not finite or of one colour.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<IReadOnlyList<GeneratedImage>> RunAsync(ValidatedRequest request, PreparedRequest prepared, IGenerationObserver? observer, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pictures = Enumerable.Range(0, request.Request.Count).Select(index => MakeAsync(request, index, prepared, observer, stop.Token)).ToArray();
        Task? failed = null;
        await foreach (var finished in Task.WhenEach(pictures))
        {
            if (finished.IsCompletedSuccessfully || failed is not null)
                continue;
            failed = finished;
            await stop.CancelAsync();
        }
        if (failed is not null)
            await failed;
        return [.. pictures.Select(picture => picture.Result)];
    }

    private async Task<GeneratedImage> MakeAsync(ValidatedRequest request, int index, PreparedRequest prepared, IGenerationObserver? observer, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var denoised = await run.DenoiseAsync(request, index, prepared, observer, cancellationToken);
        observer?.OnDenoised(index);
        using var latent = denoised.Latent;
        var denoiseTime = time.GetElapsedTime(started);
        if (!latent.IsFinite())
            throw new GenerationFailedException("The denoiser returned values that are not finite; no picture was made.");

        started = time.GetTimestamp();
        var image = PixelConversion.ToRgb(await parts.Decoder.DecodeAsync(latent, cancellationToken), request.Settings.Size);
        var seed = parts.Noise.SeedOf(request.Request.Seed, index);
        return new(image, seed, PictureParameters.Format(request.Request, request.Settings, seed), denoised.Evaluations, denoised.Rows,
            denoised.Met, denoiseTime, time.GetElapsedTime(started))
        {
            Cache = denoised.Cache,
            Parallel = denoised.Parallel,
            Run = denoised.Run,
        };
    }
}

using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>Work of denoising one picture with nothing beside it, by that of the plain run before it: what one user waits for.</summary>
/// <param name="pipeline">The model.</param>
/// <param name="clock">Time that work takes.</param>
/// <param name="requests">Pictures, without a cache.</param>
/// <param name="run">Tables that settings leave out.</param>
internal sealed class WorkAlone(DiffusionPipeline pipeline, Func<TimeSpan> clock, IReadOnlyList<GenerationRequest> requests, CalibratedRun run)
{
    private const int Pictures = 5;
    private readonly Dictionary<CacheRequest, double> _known = [];

    /// <summary>Work with a cache, by that of the plain run.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<double> OfAsync(CacheRequest cache, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(cache, out var known))
            return known;
        var (plain, cached) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var i = 0; i < Pictures; i++)
        {
            var request = requests[i % requests.Count];
            plain += await DenoiseAsync(request, cancellationToken);
            cached += await DenoiseAsync(request with { Cache = run.Complete(cache, run.Steps) }, cancellationToken);
        }
        return _known[cache] = cached / plain;
    }

    private async Task<TimeSpan> DenoiseAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var watch = new Watch(clock);
        await pipeline.GenerateAsync(request, new(), watch, cancellationToken);
        return watch.Elapsed;
    }

    private sealed class Watch(Func<TimeSpan> clock) : IGenerationObserver
    {
        private TimeSpan _started;

        public TimeSpan Elapsed { get; private set; }

        public void OnJoined(int image) => _started = clock();

        public void OnDenoised(int image) => Elapsed = clock() - _started;
    }
}

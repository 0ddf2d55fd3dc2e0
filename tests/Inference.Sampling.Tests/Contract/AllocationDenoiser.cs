using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>Completes synchronously and watches what is allocated from the end of one evaluation to the end of another.</summary>
internal sealed class AllocationDenoiser(MixtureDenoiser denoiser) : IDenoiser
{
    // By then a multistep method has its history and a stochastic one has drawn noise.
    private const int Start = 5;
    private long _atStart;

    /// <summary>Bytes allocated since evaluation 5.</summary>
    public long Allocated { get; private set; } = long.MaxValue;

    public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken) =>
        Watched(denoiser.DenoiseAsync(x, level, clean, cancellationToken));

    public ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken) =>
        Watched(denoiser.DenoiseAsync(group, cancellationToken));

    private ValueTask Watched(ValueTask completed)
    {
        if (denoiser.Evaluations == Start)
            _atStart = GC.GetAllocatedBytesForCurrentThread();
        else if (denoiser.Evaluations > Start)
            Allocated = GC.GetAllocatedBytesForCurrentThread() - _atStart;
        return completed;
    }
}

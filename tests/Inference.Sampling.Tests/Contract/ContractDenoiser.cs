using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>An analytic denoiser that keeps the contract on cancellation, and can hold every answer back until the test lets it go.</summary>
internal sealed class ContractDenoiser(GaussianMixture mixture) : IDenoiser
{
    private readonly MixtureDenoiser _denoiser = new(mixture);
    private TaskCompletionSource? _pending;

    public int Evaluations => _denoiser.Evaluations;

    /// <summary>Called after each evaluation with the number of evaluations so far.</summary>
    public Action<int>? Evaluated { get; init; }

    /// <summary>Whether answers wait for <see cref="Release"/>.</summary>
    public bool Held { get; init; }

    public async ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Held)
            await (_pending = new()).Task;
        await _denoiser.DenoiseAsync(x, level, clean, cancellationToken);
        Evaluated?.Invoke(Evaluations);
    }

    public async ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
    {
        for (var i = 0; i < group.Length; i++)
        {
            var (x, level, clean) = group.Span[i];
            await DenoiseAsync(x, level, clean, cancellationToken);
        }
    }

    /// <summary>Lets the evaluation that is waiting go on; the sampler runs on within this call, up to its next evaluation.</summary>
    public void Release()
    {
        var pending = _pending;
        _pending = null;
        pending!.SetResult();
    }
}

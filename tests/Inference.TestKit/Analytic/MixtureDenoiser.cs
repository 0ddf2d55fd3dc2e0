using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>The denoiser of a mixture at any noise level. Completes synchronously and allocates nothing; counts its evaluations.</summary>
public sealed class MixtureDenoiser(GaussianMixture mixture) : IDenoiser
{
    private readonly double[] _x = new double[mixture.Dimension];
    private readonly double[] _clean = new double[mixture.Dimension];

    /// <summary>Queries answered so far.</summary>
    public int Evaluations { get; private set; }

    public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
    {
        Evaluate(x, level, clean);
        return ValueTask.CompletedTask;
    }

    public ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
    {
        foreach (var (x, level, clean) in group.Span)
            Evaluate(x, level, clean);
        return ValueTask.CompletedTask;
    }

    private void Evaluate(Latent x, NoiseLevel level, Latent clean)
    {
        for (var i = 0; i < _x.Length; i++)
            _x[i] = x.Values[i];
        mixture.Denoise(_x, level.Alpha, level.Sigma, _clean);
        for (var i = 0; i < _clean.Length; i++)
            clean.Values[i] = (float)_clean[i];
        Evaluations++;
    }
}

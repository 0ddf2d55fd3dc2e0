using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>The denoiser D(x; σ) of a mixture in any scaling, which counts and keeps the state of the first evaluation of each step.</summary>
internal sealed class RecordingDenoiser(GaussianMixture mixture) : IDenoiser
{
    public int Evaluations { get; private set; }

    public List<float[]> StepStarts { get; } = [];

    public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Evaluations++;
        if (level.Stage == 0)
            StepStarts.Add(x.Values.ToArray());
        var result = new double[x.Shape.Length];
        mixture.Denoise(Array.ConvertAll(x.Values.ToArray(), value => (double)value), level.Alpha, level.Sigma, result);
        for (var i = 0; i < result.Length; i++)
            clean.Values[i] = (float)result[i];
        return ValueTask.CompletedTask;
    }

    public async ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
    {
        foreach (var (x, level, clean) in group.ToArray())
            await DenoiseAsync(x, level, clean, cancellationToken);
    }
}

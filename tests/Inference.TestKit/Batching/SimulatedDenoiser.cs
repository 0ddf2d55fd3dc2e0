using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>A denoiser that answers at once and takes its time on the device of a simulation.</summary>
/// <param name="inner">Answers; must complete synchronously.</param>
/// <param name="lane">The lane of the picture.</param>
/// <param name="rows">Rows of one evaluation.</param>
public sealed class SimulatedDenoiser(IDenoiser inner, ISimulatedLane lane, int rows) : IDenoiser, IWindowBudget
{
    public int Ask(int wanted) => lane.Width(rows);

    public async ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
    {
        await inner.DenoiseAsync(x, level, clean, cancellationToken);
        await lane.EvaluateAsync(rows);
    }

    public async ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
    {
        await inner.DenoiseAsync(group, cancellationToken);
        await lane.EvaluateAsync(rows * group.Length);
    }
}

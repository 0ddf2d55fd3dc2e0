namespace Inference.Sampling;

/// <summary>
/// Linear multistep (Adams-Bashforth on a non-uniform grid; k-diffusion, <c>sample_lms</c>): with y = x/α and κ = σ/α the ODE is dy/dκ = n,
/// n = (x - α·D)/σ; the slope is the Lagrange polynomial through the last values of n, integrated exactly over the step.
/// </summary>
internal sealed class Lms : ISampler
{
    /// <summary>The largest order; a step combines the state with this many slopes.</summary>
    public const int MaximumOrder = 6;

    private readonly int _order;

    /// <param name="order">Number of slopes that are combined, 1 to <see cref="MaximumOrder"/>; fewer while there are not as many yet.</param>
    /// <exception cref="SamplingOptionException">The order is out of range.</exception>
    public Lms(int order)
    {
        Require.InRange("order", order, 1, MaximumOrder);
        _order = order;
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var slopes = new EvaluationHistory(_order, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (from, to) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, from.InStage(i, 0), clean, cancellationToken);
            x.Set(Step(x, clean, from, to, slopes));
            observer.OnState(i, 0, x, clean);
        }
    }

    private static Combination Step(Latent x, Latent clean, NoiseLevel from, NoiseLevel to, EvaluationHistory slopes)
    {
        // Pure noise has no finite κ: an Euler step, and no point to interpolate through.
        if (from.Alpha == 0)
            return FirstOrder.Step(x, clean, from, to);
        slopes.Slot.Set((x - from.Alpha * clean) / from.Sigma);
        slopes.Push(from);
        // A repeated level: no step.
        if (to.Kappa == from.Kappa)
            return x;

        var step = to.Alpha / from.Alpha * x;
        for (var j = 0; j < slopes.Count; j++)
            step += to.Alpha * Weight(slopes.Levels, j, to.Kappa) * slopes[j];
        return step;
    }

    /// <summary>∫ ℓ_j(κ) dκ from the newest level to <paramref name="end"/>, ℓ_j the Lagrange polynomial of level j.</summary>
    private static double Weight(ReadOnlySpan<NoiseLevel> levels, int j, double end)
    {
        // In u = (κ - κ_0) / (end - κ_0) powers stay small, so that nothing cancels.
        var (start, length) = (levels[0].Kappa, end - levels[0].Kappa);
        Span<double> nodes = stackalloc double[levels.Length];
        Span<double> polynomial = stackalloc double[levels.Length];
        for (var k = 0; k < levels.Length; k++)
            nodes[k] = (levels[k].Kappa - start) / length;
        Lagrange.Expand(nodes, j, polynomial);

        var integral = 0.0;
        for (var power = 0; power < polynomial.Length; power++)
            integral += polynomial[power] / (power + 1);
        return length * integral;
    }
}

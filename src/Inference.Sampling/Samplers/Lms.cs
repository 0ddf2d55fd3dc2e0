namespace Inference.Sampling;

/// <summary>
/// Linear multistep (Adams-Bashforth on a non-uniform grid; k-diffusion, <c>sample_lms</c>): with y = x/α and κ = σ/α the ODE is dy/dκ = n,
/// n = (x - α·D)/σ; the slope is the Lagrange polynomial through the last values of n, integrated exactly over the step.
/// </summary>
internal sealed class Lms : ISampler
{
    /// <summary>The largest order; a step combines the state and this many slopes.</summary>
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
        using var slopes = new LatentRing(x.Shape, _order);
        var kappas = new double[_order];
        var known = 0;

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            var (from, to) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, from.InStage(i, 0), clean, cancellationToken);
            if (from.Alpha == 0)
            {
                // Pure noise has no finite κ: an Euler step, and no point to interpolate through.
                x.Set(to.Sigma / from.Sigma * x + to.Alpha * clean);
                observer.OnState(i, 0, x, clean);
                continue;
            }
            slopes[i].Set((x - from.Alpha * clean) / from.Sigma);
            kappas.AsSpan(0, _order - 1).CopyTo(kappas.AsSpan(1));
            kappas[0] = from.Kappa;
            known = Math.Min(known + 1, _order);

            var sum = to.Alpha / from.Alpha * x;
            for (var j = 0; j < known; j++)
                sum += to.Alpha * Weight(kappas.AsSpan(0, known), j, to.Kappa) * slopes[i - j];
            x.Set(sum);
            observer.OnState(i, 0, x, clean);
        }
    }

    /// <summary>∫ L_j(κ) dκ from nodes[0] to <paramref name="end"/>, L_j the Lagrange polynomial of node j.</summary>
    internal static double Weight(ReadOnlySpan<double> nodes, int j, double end)
    {
        // Coefficients of L_j in u = (κ - nodes[0]) / (end - nodes[0]), lowest first: no cancellation between large powers of κ.
        Span<double> polynomial = stackalloc double[MaximumOrder];
        polynomial.Clear();
        polynomial[0] = 1;
        var length = end - nodes[0];
        for (var k = 0; k < nodes.Length; k++)
        {
            if (k == j)
                continue;
            var root = (nodes[k] - nodes[0]) / length;
            var scale = length / (nodes[j] - nodes[k]);
            for (var power = nodes.Length - 1; power >= 0; power--)
                polynomial[power] = scale * ((power == 0 ? 0 : polynomial[power - 1]) - root * polynomial[power]);
        }
        var integral = 0.0;
        for (var power = 0; power < nodes.Length; power++)
            integral += polynomial[power] / (power + 1);
        return length * integral;
    }
}

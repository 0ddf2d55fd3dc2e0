namespace Inference.Sampling;

/// <summary>
/// DEIS in ln ρ (Zhang &amp; Chen 2022, arXiv:2204.13902, section 3.3; diffusers, <c>DEISMultistepScheduler</c>): with y = x/α and ρ = σ/α the ODE is
/// dy/dρ = ε; ε is the polynomial in ln ρ through the latest evaluations, integrated exactly over the step.
/// </summary>
internal sealed class Deis : ISampler
{
    public const int MaximumOrder = 3;

    private readonly int _order;
    private readonly bool _lowerOrderFinal;

    /// <param name="order">Number of evaluations combined, 1 to <see cref="MaximumOrder"/>.</param>
    /// <param name="lowerOrderFinal">Whether the order falls to 1 at the end of runs of few steps.</param>
    /// <exception cref="SamplingOptionException">The order is out of range.</exception>
    public Deis(int order, bool lowerOrderFinal)
    {
        Require.InRange("solver_order", order, 1, MaximumOrder);
        (_order, _lowerOrderFinal) = (order, lowerOrderFinal);
    }

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var history = new EvaluationHistory(_order, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, clean, cancellationToken);
            history.Slot.Set((x - s.Alpha * clean) / s.Sigma);
            history.Push(s);

            // At clean data ln ρ is -∞; the first-order integral still has a limit.
            var remaining = trajectory.Remaining(i);
            var lowers = _lowerOrderFinal && trajectory.TotalSteps < DpmSolverOptions.FewSteps;
            var order = t.IsClean ? 1 : Math.Min(lowers ? Math.Min(_order, remaining) : _order, history.Count);
            x.Set(Step(x, s, t, history, order));
            observer.OnState(i, 0, x, clean);
        }
    }

    private static Combination Step(Latent x, NoiseLevel s, NoiseLevel t, EvaluationHistory history, int order)
    {
        var sum = t.Alpha / s.Alpha * x;
        if (order == 1)
            return sum + t.Alpha * (t.Kappa - s.Kappa) * (Combination)history[0];

        Span<double> nodes = stackalloc double[order];
        for (var j = 0; j < order; j++)
            nodes[j] = Math.Log(history.Levels[j].Kappa / s.Kappa);
        var end = Math.Log(t.Kappa / s.Kappa);
        for (var j = 0; j < order; j++)
            sum += t.Alpha * s.Kappa * Integral(nodes, j, end) * (Combination)history[j];
        return sum;
    }

    /// <summary>∫₀^end e^u L_j(u) du = [e^u Q(u)], where the polynomial Q solves Q + Q' = L_j.</summary>
    internal static double Integral(ReadOnlySpan<double> nodes, int j, double end)
    {
        Span<double> q = stackalloc double[nodes.Length];
        Lagrange.Expand(nodes, j, q);
        for (var power = nodes.Length - 2; power >= 0; power--)
            q[power] -= (power + 1) * q[power + 1];
        var value = 0.0;
        for (var power = nodes.Length - 1; power >= 0; power--)
            value = value * end + q[power];
        return Math.Exp(end) * value - q[0];
    }
}

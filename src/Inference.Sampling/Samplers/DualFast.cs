namespace Inference.Sampling;

/// <summary>
/// DualFast (Yu et al. 2025, arXiv:2506.13058): the approximation error of the network is reduced by replacing ε in the first-order term of a
/// solver by (1 + c_t) ε(x_t) - c_t ε(x_τ), where τ is a noisier evaluation at hand (here that of the step before) and c_t grows as noise falls
/// (here linearly from 0 in the first step to <paramref name="strength"/> in the last: the paper's values are not published). The solver is DDIM
/// or DPM-Solver++(2M), and for c = 0 exactly that.
/// </summary>
/// <param name="strength">c_t of the last step, ≥ 0; 0 is off. With c &gt; 0 the order of accuracy is 1.</param>
/// <param name="order">Order of the solver: 1 (DDIM) or 2 (DPM-Solver++(2M)).</param>
internal sealed class DualFast(double strength, int order) : ISampler
{
    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = new EvaluationHistory(2, x.Shape);
        using var epsilon = new EvaluationHistory(2, x.Shape);
        var last = Math.Max(1, trajectory.TotalSteps - 1);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, clean.Slot, cancellationToken);
            clean.Push(s);
            epsilon.Slot.Set((x - s.Alpha * clean[0]) / s.Sigma);
            epsilon.Push(s);

            // x̂ that belongs to the replaced ε.
            Combination replaced = clean[0];
            var c = strength * i / last;
            if (c > 0 && epsilon.Count > 1)
                replaced -= s.Kappa * c * (epsilon[0] - epsilon[1]);

            var gain = t.Alpha - s.Alpha * t.Sigma / s.Sigma;
            x.Set(t.Sigma / s.Sigma * x + gain * (replaced + HalfSlope(clean, t)));
            observer.OnState(i, 0, x, clean[0]);
        }
    }

    /// <summary>D₁/2 of DPM-Solver++(2M) (Lu et al. 2022, arXiv:2211.01095, algorithm 2).</summary>
    private Combination HalfSlope(EvaluationHistory clean, NoiseLevel t)
    {
        if (order == 1 || clean.Count < 2 || t.IsClean)
            return default;
        var (s, previous) = (clean.Levels[0], clean.Levels[1]);
        return (t.Lambda - s.Lambda) / (2 * (s.Lambda - previous.Lambda)) * (clean[0] - clean[1]);
    }
}

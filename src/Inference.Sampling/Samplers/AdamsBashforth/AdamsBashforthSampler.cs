namespace Inference.Sampling;

/// <summary>
/// Adams-Bashforth methods for the probability flow in y = x/α and ρ = σ/α, where it reads dy/dρ = ε (Zhang &amp; Chen 2023, arXiv:2204.13902,
/// eq. 11 and 14): x_t = α_t (x_s/α_s + Σ C_i ε_i). The weights C_i make the method: DEIS (tAB, ρAB), iPNDM, accelerated DDIM.
/// </summary>
/// <param name="weights">The weights.</param>
/// <param name="order">Number of evaluations combined, ≥ 1; the first steps have fewer. 1 is DDIM.</param>
internal sealed class AdamsBashforthSampler(IAdamsBashforthWeights weights, int order) : ISampler
{
    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var clean = Latent.Rent(x.Shape);
        using var epsilon = new EvaluationHistory(order, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, clean, cancellationToken);
            epsilon.Slot.Set((x - s.Alpha * clean) / s.Sigma);
            epsilon.Push(s);

            // DDIM and the correction Σ C_i (ε_i - ε_0): since the C_i sum to ρ_t - ρ_s this is the formula above, but it survives α_s = 0.
            var ddim = t.Sigma / s.Sigma * x + (t.Alpha - s.Alpha * t.Sigma / s.Sigma) * clean;
            x.Set(ddim + Correction(epsilon, t, trajectory.Schedule));

            // At α = 0 the node lies at ρ = ∞ and is of no use to later steps.
            if (s.Alpha == 0)
                epsilon.Clear();
            observer.OnState(i, 0, x, clean);
        }
    }

    private Combination Correction(EvaluationHistory epsilon, NoiseLevel t, INoiseSchedule schedule)
    {
        var nodes = epsilon.Levels;
        // The step to clean data is of first order (it returns the prediction), an empty step leaves x as it is.
        if (nodes.Length == 1 || t.IsClean || t.Kappa == nodes[0].Kappa)
            return default;

        Span<double> c = stackalloc double[nodes.Length];
        weights.Fill(nodes, t, schedule, c);
        var sum = default(Combination);
        for (var i = 1; i < nodes.Length; i++)
            sum += t.Alpha * c[i] * (epsilon[i] - epsilon[0]);
        return sum;
    }
}

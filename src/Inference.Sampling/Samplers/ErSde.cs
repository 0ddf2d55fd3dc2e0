namespace Inference.Sampling;

/// <summary>
/// ER-SDE-Solver (Cui et al. 2023, arXiv:2309.06169, algorithms 1 to 3 and the noise scale "ER SDE 5"), in ρ = σ/α with φ(ρ) = ρ (e^{ρ^0.3} + 10),
/// r = φ(ρ_t)/φ(ρ_s), Δ = ρ_t - ρ_s and the divided differences D₁, D₂ of x̂ over ρ:
/// x_t = α_t [ r x/α_s + (1-r) x̂_s + (Δ + φ(ρ_t) ∫du/φ) D₁ + (Δ²/2 + φ(ρ_t) ∫(u-ρ_s)du/φ) D₂ + √(ρ_t² - ρ_s²r²) z ].
/// </summary>
/// <param name="stages">How many of the terms x̂, D₁, D₂ are used, 1 to 3.</param>
internal sealed class ErSde(int stages) : ISampler
{
    private const int Intervals = 200;

    public async ValueTask SampleAsync(
        IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
    {
        using var z = Latent.Rent(x.Shape);
        using var history = new EvaluationHistory(stages, x.Shape);

        for (var i = 0; i < trajectory.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (s, t) = trajectory.Steps[i];
            await denoiser.DenoiseAsync(x, s, history.Slot, cancellationToken);
            history.Push(s);

            if (!t.IsClean)
                noise.Fill(i + 1, z);
            x.Set(Step(s, t, x, history, z));
            observer.OnState(i, 0, x, history[0]);
        }
    }

    private static Combination Step(NoiseLevel s, NoiseLevel t, Latent x, EvaluationHistory history, Latent z)
    {
        if (t.IsClean)
            return history[0];
        // From pure noise r/α_s vanishes.
        if (s.Alpha == 0)
            return t.Alpha * history[0] + t.Sigma * z;

        var (from, to) = (s.Kappa, t.Kappa);
        var r = NoiseScale(to) / NoiseScale(from);
        // Rounding can make the difference of an empty step negative.
        var deviation = Math.Sqrt(Math.Max(0, to * to - from * from * r * r));
        var step = r / s.Alpha * x + (1 - r) * history[0] + deviation * z;

        var (delta, (s0, s1)) = (to - from, Integrals(from, to));
        if (history.Count > 1)
            step += (delta + s0 * NoiseScale(to)) * Slope(history, 0);
        if (history.Count > 2)
        {
            var width = (from - history.Levels[2].Kappa) / 2;
            step += (delta * delta / 2 + s1 * NoiseScale(to)) / width * (Slope(history, 0) - Slope(history, 1));
        }
        return t.Alpha * step;
    }

    private static double NoiseScale(double rho) => rho * (Math.Exp(Math.Pow(rho, 0.3)) + 10);

    private static Combination Slope(EvaluationHistory history, int age) =>
        (history[age] - history[age + 1]) / (history.Levels[age].Kappa - history.Levels[age + 1].Kappa);

    /// <summary>∫ du/φ(u) and ∫ (u-ρ_s) du/φ(u) from ρ_t to ρ_s, by Simpson's rule in ln u.</summary>
    private static (double S0, double S1) Integrals(double from, double to)
    {
        var start = Math.Log(to);
        var width = (Math.Log(from) - start) / Intervals;
        var (s0, s1) = (0.0, 0.0);
        for (var n = 0; n <= Intervals; n++)
        {
            var u = Math.Exp(start + n * width);
            var weight = width / 3 * (n is 0 or Intervals ? 1 : n % 2 == 1 ? 4 : 2) * u / NoiseScale(u);
            s0 += weight;
            s1 += weight * (u - from);
        }
        return (s0, s1);
    }
}

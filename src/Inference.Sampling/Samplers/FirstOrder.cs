namespace Inference.Sampling;

/// <summary>The step that holds the predicted clean data constant: DDIM with η = 0 (Song et al. 2020, arXiv:2010.02502, eq. 12), Euler's method in
/// the variance-exploding and flow scalings, DPM-Solver++ of order 1 (Lu et al. 2022, arXiv:2211.01095, eq. 9) in all.</summary>
internal static class FirstOrder
{
    /// <summary>x at <paramref name="t"/> from x at <paramref name="s"/>: (σ_t/σ_s) x + (α_t - α_s σ_t/σ_s) D.</summary>
    public static Combination Step(Latent x, Combination clean, NoiseLevel s, NoiseLevel t)
    {
        var ratio = t.Sigma / s.Sigma;
        return ratio * x + (t.Alpha - s.Alpha * ratio) * clean;
    }
}

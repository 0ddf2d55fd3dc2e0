namespace Inference.Sampling;

/// <summary>What a DPM-Solver approximates by a polynomial in λ; its exponential integrator follows from that.</summary>
internal enum SolverForm
{
    /// <summary>The predicted noise: DPM-Solver (Lu et al. 2022, arXiv:2206.00927).</summary>
    Noise,

    /// <summary>The predicted clean data: DPM-Solver++ (Lu et al. 2022, arXiv:2211.01095).</summary>
    Data,
}

/// <summary>How the higher orders use the additional evaluations; both have the same order of accuracy.</summary>
internal enum SinglestepCorrection
{
    /// <summary>The papers' choice: only as many terms as the order needs (authors' code: <c>dpmsolver</c>).</summary>
    Minimal,

    /// <summary>The Taylor polynomial through all evaluations (authors' code: <c>taylor</c>).</summary>
    Taylor,
}

/// <summary>
/// The updates of singlestep DPM-Solver (arXiv:2206.00927, Algorithms 1 to 5) and DPM-Solver++ (arXiv:2211.01095, Algorithm 1), from level s to
/// level t with inner levels s1, s2. Both are x_t = a·x_s - b·(zφ₁(z) m0 + zφ₂(z) D1 + zφ₃(z) D2) with the functions φ of <see cref="Phi"/>:
/// for noise a = α_t/α_s, b = σ_t, z = h; for data a = σ_t/σ_s, b = α_t, z = -h; h = λ_t - λ_s.
/// </summary>
internal sealed record SinglestepFormulas(SolverForm Form, SinglestepCorrection Correction)
{
    /// <summary>What is integrated: the noise or the data that <paramref name="clean"/> predicts for <paramref name="x"/>.</summary>
    public Combination Model(Latent x, NoiseLevel level, Latent clean) =>
        Form == SolverForm.Data ? clean : (x - level.Alpha * clean) / level.Sigma;

    /// <summary>x_t of order 1 from the model value at s.</summary>
    public Combination First(Latent x, Latent m0, NoiseLevel s, NoiseLevel t)
    {
        var (a, b, z) = Integrator(s, t);
        return a * x - b * z * Phi.Of(1, z) * m0;
    }

    /// <summary>x_t of order 2 from the model values at s and s1.</summary>
    public Combination Second(Latent x, Latent m0, Latent m1, NoiseLevel s, NoiseLevel s1, NoiseLevel t) =>
        Second(Correction, x, m0, m1, s, s1, t);

    /// <summary>The state at s2 in a step of order 3, where the authors always use the Taylor form.</summary>
    public Combination Inner(Latent x, Latent m0, Latent m1, NoiseLevel s, NoiseLevel s1, NoiseLevel s2) =>
        Second(SinglestepCorrection.Taylor, x, m0, m1, s, s1, s2);

    /// <summary>x_t of order 3 from the model values at s, s1 and s2.</summary>
    public Combination Third(Latent x, Latent m0, Latent m1, Latent m2, NoiseLevel s, NoiseLevel s1, NoiseLevel s2, NoiseLevel t)
    {
        var (_, b, z) = Integrator(s, t);
        var (phi2, phi3) = (z * Phi.Of(2, z), z * Phi.Of(3, z));
        var (r1, r2) = (Ratio(s, s1, t), Ratio(s, s2, t));
        var d11 = (m2 - m0) / r2;
        if (Correction == SinglestepCorrection.Minimal)
            return First(x, m0, s, t) - b * phi2 * d11;

        var d10 = (m1 - m0) / r1;
        var d1 = (r2 * d10 - r1 * d11) / (r2 - r1);
        var d2 = 2 * (d11 - d10) / (r2 - r1);
        return First(x, m0, s, t) - b * (phi2 * d1 + phi3 * d2);
    }

    private Combination Second(SinglestepCorrection correction, Latent x, Latent m0, Latent m1, NoiseLevel s, NoiseLevel s1, NoiseLevel t)
    {
        var (_, b, z) = Integrator(s, t);
        var weight = correction == SinglestepCorrection.Minimal ? z * Phi.Of(1, z) / 2 : z * Phi.Of(2, z);
        return First(x, m0, s, t) - b * weight / Ratio(s, s1, t) * (m1 - m0);
    }

    private (double A, double B, double Z) Integrator(NoiseLevel s, NoiseLevel t)
    {
        var h = t.Lambda - s.Lambda;
        return Form == SolverForm.Data ? (t.Sigma / s.Sigma, t.Alpha, -h) : (t.Alpha / s.Alpha, t.Sigma, h);
    }

    private static double Ratio(NoiseLevel s, NoiseLevel inner, NoiseLevel t) => (inner.Lambda - s.Lambda) / (t.Lambda - s.Lambda);
}

namespace Inference.Sampling;

/// <summary>What a DPM-Solver approximates by a polynomial in λ; its exponential integrator follows from that.</summary>
internal enum SolverForm
{
    /// <summary>The predicted noise: DPM-Solver (Lu et al. 2022, arXiv:2206.00927, eq. 3.4).</summary>
    Noise,

    /// <summary>The predicted clean data: DPM-Solver++ (Lu et al. 2022, arXiv:2211.01095, eq. 8).</summary>
    Data,
}

/// <summary>How the higher orders use the additional evaluations; both have the same order of accuracy.</summary>
internal enum SolverCorrection
{
    /// <summary>The papers' choice: only as many terms as the order needs (authors' code: <c>dpmsolver</c>).</summary>
    Minimal,

    /// <summary>The Taylor polynomial through all evaluations (authors' code: <c>taylor</c>).</summary>
    Taylor,
}

/// <summary>
/// The exponential integrator over a step of length h = λ_t - λ_s: x_t = a·x_s - b·(zφ₁(z) m + zφ₂(z) m' + zφ₃(z) m'') for a model value m with
/// derivatives m', m'' in units of the step, φ as in <see cref="Phi"/>. For noise a = α_t/α_s, b = σ_t, z = h; for data a = σ_t/σ_s, b = α_t, z = -h.
/// </summary>
internal readonly record struct ExponentialStep(double A, double B, double Z)
{
    public double Phi1 => Z * Phi.Of(1, Z);

    public double Phi2 => Z * Phi.Of(2, Z);

    public double Phi3 => Z * Phi.Of(3, Z);

    public static ExponentialStep Of(SolverForm form, NoiseLevel s, NoiseLevel t)
    {
        var h = t.Lambda - s.Lambda;
        return form == SolverForm.Data ? new(t.Sigma / s.Sigma, t.Alpha, -h) : new(t.Alpha / s.Alpha, t.Sigma, h);
    }

    /// <summary>What is integrated: the noise or the data that <paramref name="clean"/> predicts for <paramref name="x"/>.</summary>
    public static Combination Model(SolverForm form, Combination x, NoiseLevel level, Latent clean) =>
        form == SolverForm.Data ? clean : (x - level.Alpha * clean) / level.Sigma;

    /// <summary>The step of order 1.</summary>
    public Combination First(Combination x, Combination m0) => A * x - B * Phi1 * m0;

    /// <summary>The step of order 2 from the derivative <paramref name="d1"/>.</summary>
    public Combination Second(Combination x, Combination m0, Combination d1, SolverCorrection correction) =>
        First(x, m0) - B * (correction == SolverCorrection.Minimal ? Phi1 / 2 : Phi2) * d1;
}

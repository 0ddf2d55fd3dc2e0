namespace Inference.Sampling;

/// <summary>
/// The updates of singlestep DPM-Solver (Lu et al. 2022, arXiv:2206.00927, Algorithms 1, 2 and 5) and DPM-Solver++ (arXiv:2211.01095, Algorithm 1)
/// from level s to level t by way of inner levels s1 and s2, whose places r1 and r2 are parts of the step in λ.
/// </summary>
internal sealed record SinglestepFormulas(SolverForm Form, SolverCorrection Correction)
{
    public Combination Model(Combination x, NoiseLevel level, Latent clean) => ExponentialStep.Model(Form, x, level, clean);

    /// <summary>x_t of order 1 from the model value at s.</summary>
    public Combination First(Combination x, Combination m0, NoiseLevel s, NoiseLevel t) => ExponentialStep.Of(Form, s, t).First(x, m0);

    /// <summary>x_t of order 2 from the model values at s and s1.</summary>
    public Combination Second(Combination x, Combination m0, Combination m1, NoiseLevel s, NoiseLevel s1, NoiseLevel t) =>
        ExponentialStep.Of(Form, s, t).Second(x, m0, (m1 - m0) / Ratio(s, s1, t), Correction);

    /// <summary>The state at s2 in a step of order 3, for which the authors always use the Taylor form.</summary>
    public Combination Inner(Combination x, Combination m0, Combination m1, NoiseLevel s, NoiseLevel s1, NoiseLevel s2) =>
        ExponentialStep.Of(Form, s, s2).Second(x, m0, (m1 - m0) / Ratio(s, s1, s2), SolverCorrection.Taylor);

    /// <summary>x_t of order 3 from the model values at s, s1 and s2.</summary>
    public Combination Third(Combination x, Combination m0, Combination m1, Combination m2, NoiseLevel s, NoiseLevel s1, NoiseLevel s2, NoiseLevel t)
    {
        var step = ExponentialStep.Of(Form, s, t);
        var (r1, r2) = (Ratio(s, s1, t), Ratio(s, s2, t));
        var d11 = (m2 - m0) / r2;
        if (Correction == SolverCorrection.Minimal)
            return step.First(x, m0) - step.B * step.Phi2 * d11;

        var d10 = (m1 - m0) / r1;
        var d1 = (r2 * d10 - r1 * d11) / (r2 - r1);
        var d2 = 2 * (d11 - d10) / (r2 - r1);
        return step.First(x, m0) - step.B * (step.Phi2 * d1 + step.Phi3 * d2);
    }

    private static double Ratio(NoiseLevel s, NoiseLevel inner, NoiseLevel t) => (inner.Lambda - s.Lambda) / (t.Lambda - s.Lambda);
}

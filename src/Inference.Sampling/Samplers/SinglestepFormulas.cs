namespace Inference.Sampling;

/// <summary>
/// The updates of singlestep DPM-Solver (Lu et al. 2022, arXiv:2206.00927, Algorithms 1, 2 and 5) and DPM-Solver++ (arXiv:2211.01095, Algorithm 1)
/// from level s to level t by way of inner levels s1 and s2, whose places r1 and r2 are parts of the step in λ, as in the authors' code: for
/// order 3 the midpoint formula uses the outer difference only, and s2 is always reached by the Heun formula.
/// </summary>
/// <param name="Form">What is integrated.</param>
/// <param name="Formula">Midpoint is the authors' <c>dpmsolver</c>, Heun their <c>taylor</c>.</param>
internal sealed record SinglestepFormulas(DpmForm Form, DpmFormula Formula)
{
    /// <summary>What is integrated: the noise or the data that <paramref name="clean"/> predicts for <paramref name="x"/>.</summary>
    public Combination Model(Combination x, NoiseLevel level, Latent clean) =>
        Form == DpmForm.Data ? clean : (x - level.Alpha * clean) / level.Sigma;

    /// <summary>x_t of order 1 from the model value at s.</summary>
    public Combination First(Combination x, Combination m0, NoiseLevel s, NoiseLevel t)
    {
        var c = DpmCoefficients.For(s, t, Form, isStochastic: false);
        return c.X * x + c.M * m0;
    }

    /// <summary>x_t of order 2 from the model values at s and s1.</summary>
    public Combination Second(Combination x, Combination m0, Combination m1, NoiseLevel s, NoiseLevel s1, NoiseLevel t)
    {
        if (Coincide(s, s1, t))
            return First(x, m0, s, t);
        var c = DpmCoefficients.For(s, t, Form, isStochastic: false);
        return c.X * x + c.M * m0 + (Formula == DpmFormula.Midpoint ? c.Half : c.Phi2) / Ratio(s, s1, t) * (m1 - m0);
    }

    /// <summary>The state at s2 in a step of order 3.</summary>
    public Combination Inner(Combination x, Combination m0, Combination m1, NoiseLevel s, NoiseLevel s1, NoiseLevel s2)
    {
        if (Coincide(s, s1, s2))
            return First(x, m0, s, s2);
        var c = DpmCoefficients.For(s, s2, Form, isStochastic: false);
        return c.X * x + c.M * m0 + c.Phi2 / Ratio(s, s1, s2) * (m1 - m0);
    }

    /// <summary>x_t of order 3 from the model values at s, s1 and s2.</summary>
    public Combination Third(
        Combination x, Combination m0, Combination m1, Combination m2, NoiseLevel s, NoiseLevel s1, NoiseLevel s2, NoiseLevel t)
    {
        if (Coincide(s, s1, t) || Coincide(s1, s2, t))
            return Second(x, m0, m2, s, s2, t);
        var c = DpmCoefficients.For(s, t, Form, isStochastic: false);
        var (r1, r2) = (Ratio(s, s1, t), Ratio(s, s2, t));
        var d11 = (m2 - m0) / r2;
        if (Formula == DpmFormula.Midpoint)
            return c.X * x + c.M * m0 + c.Phi2 * d11;

        var d10 = (m1 - m0) / r1;
        var d1 = (r2 * d10 - r1 * d11) / (r2 - r1);
        var d2 = 2 * (d11 - d10) / (r2 - r1);
        return c.X * x + c.M * m0 + c.Phi2 * d1 + c.Phi3 * d2;
    }

    // Grids that repeat levels leave no difference to divide by: the step has one order less.
    private static bool Coincide(NoiseLevel s, NoiseLevel inner, NoiseLevel t) => DpmCoefficients.IsEmpty(s, inner) || DpmCoefficients.IsEmpty(s, t);

    private static double Ratio(NoiseLevel s, NoiseLevel inner, NoiseLevel t) => (inner.Lambda - s.Lambda) / (t.Lambda - s.Lambda);
}

namespace Inference.Sampling;

/// <summary>
/// The coefficients of one DPM-Solver step of length h = λ_t - λ_s: x_t = X·x + M·m + (Half or Phi2)·D1 + Phi3·D2 + Noise·z, where m is the
/// prediction at s and D1, D2 its first and second derivative times h and h² (Lu et al. 2022, arXiv:2211.01095, eq. 9 and Algorithm 2).
/// </summary>
internal readonly record struct DpmCoefficients
{
    private const double Negligible = 1e-12;

    public double X { get; private init; }

    public double M { get; private init; }

    /// <summary>D1 in the midpoint formula.</summary>
    public double Half => M / 2;

    /// <summary>D1 in the Heun and the third-order formulas.</summary>
    public double Phi2 { get; private init; }

    /// <summary>D2.</summary>
    public double Phi3 { get; private init; }

    public double Noise { get; private init; }

    /// <summary>Whether a step is so short that it would only divide rounding errors: it keeps x.</summary>
    public static bool IsEmpty(NoiseLevel s, NoiseLevel t) => Math.Abs(t.Lambda - s.Lambda) <= Negligible;

    public static DpmCoefficients For(NoiseLevel s, NoiseLevel t, DpmForm form, bool isStochastic) => (form, isStochastic) switch
    {
        (DpmForm.Data, false) => Data(s, t),
        (DpmForm.Data, true) => StochasticData(s, t),
        (DpmForm.Noise, false) => NoiseForm(s, t, scale: 1),
        _ => NoiseForm(s, t, scale: 2) with { Noise = t.Sigma * Math.Sqrt(Math.Exp(2 * (t.Lambda - s.Lambda)) - 1) },
    };

    private static DpmCoefficients Data(NoiseLevel s, NoiseLevel t)
    {
        var h = t.Lambda - s.Lambda;
        return new()
        {
            X = t.Sigma / s.Sigma,
            M = t.Alpha * (1 - Math.Exp(-h)),
            Phi2 = t.Alpha * h * Phi.Of(2, -h),
            Phi3 = t.Alpha * h * Phi.Of(3, -h),
        };
    }

    // The sign in front of φ₂ in Phi3 is diffusers'; with it the second difference enters at full size.
    private static DpmCoefficients StochasticData(NoiseLevel s, NoiseLevel t)
    {
        var h = t.Lambda - s.Lambda;
        return new()
        {
            X = t.Sigma / s.Sigma * Math.Exp(-h),
            M = t.Alpha * (1 - Math.Exp(-2 * h)),
            Phi2 = t.Alpha * 2 * h * Phi.Of(2, -2 * h),
            Phi3 = -t.Alpha * (Phi.Of(2, -2 * h) + 0.5),
            Noise = t.Sigma * Math.Sqrt(1 - Math.Exp(-2 * h)),
        };
    }

    private static DpmCoefficients NoiseForm(NoiseLevel s, NoiseLevel t, double scale)
    {
        var h = t.Lambda - s.Lambda;
        return new()
        {
            X = t.Alpha / s.Alpha,
            M = -scale * t.Sigma * (Math.Exp(h) - 1),
            Phi2 = -scale * t.Sigma * h * Phi.Of(2, h),
            Phi3 = -scale * t.Sigma * h * Phi.Of(3, h),
        };
    }
}

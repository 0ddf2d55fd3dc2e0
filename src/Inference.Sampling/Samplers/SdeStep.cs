namespace Inference.Sampling;

/// <summary>The exactly solved linear part of the reverse-time SDE with noise scale η over a step of length h = λ_t - λ_s
/// (Lu et al. 2022, arXiv:2211.01095, eq. 18 for η = 1; k-diffusion for any η).</summary>
internal static class SdeStep
{
    /// <summary>The factor (σ_t/σ_s) e^{-ηh} on x, and z = (1+η)h; the prediction has the weight α_t (1 - e^{-z}).</summary>
    public static (double Lead, double Z) Between(NoiseLevel s, NoiseLevel t, double eta)
    {
        var h = t.Lambda - s.Lambda;
        // h is infinite for a step to clean data or from pure noise, where η = 0 must not make it undefined.
        return eta == 0 ? (t.Sigma / s.Sigma, h) : (t.Sigma / s.Sigma * Math.Exp(-eta * h), (1 + eta) * h);
    }

    /// <summary>Standard deviation σ_t √(1 - e^{-2ηh}) of the noise that is added.</summary>
    public static double NoiseScale(NoiseLevel s, NoiseLevel t, double eta) =>
        eta == 0 || t.IsClean ? 0 : t.Sigma * Math.Sqrt(1 - Math.Exp(-2 * eta * (t.Lambda - s.Lambda)));
}

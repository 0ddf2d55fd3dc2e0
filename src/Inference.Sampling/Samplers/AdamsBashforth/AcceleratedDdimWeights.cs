namespace Inference.Sampling;

/// <summary>
/// Accelerated DDIM (Li et al. 2024, arXiv:2403.03852, eq. 10): ε linear in ᾱ = α²/(α² + σ²) through the latest two evaluations. The paper's
/// c_t (ε_{t+1} - ε_t) is α_t times the second weight: since ∫ ᾱ dρ = -asin √ᾱ,
/// C₁ = [ᾱ_s (ρ_t - ρ_s) + asin √ᾱ_t - asin √ᾱ_s] / (ᾱ_s - ᾱ_previous).
/// </summary>
internal sealed class AcceleratedDdimWeights : IAdamsBashforthWeights
{
    public void Fill(ReadOnlySpan<NoiseLevel> nodes, NoiseLevel to, INoiseSchedule schedule, Span<double> weights)
    {
        var (s, previous) = (nodes[0], nodes[1]);
        var step = to.Kappa - s.Kappa;
        weights[1] = (AlphaBar(s) * step + Arcsine(to) - Arcsine(s)) / (AlphaBar(s) - AlphaBar(previous));
        weights[0] = step - weights[1];
    }

    private static double AlphaBar(NoiseLevel level) => 1 / (1 + level.Kappa * level.Kappa);

    /// <summary>asin √ᾱ; the arctangent keeps its digits where ᾱ is close to 1.</summary>
    private static double Arcsine(NoiseLevel level) => Math.Atan2(level.Alpha, level.Sigma);
}

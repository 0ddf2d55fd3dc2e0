namespace Inference.Sampling;

/// <summary>Guidance in a limited interval (Kynkäänniemi et al. 2024, arXiv:2404.07724, eq. 6): on where <paramref name="low"/> &lt; σ/α ≤
/// <paramref name="high"/>.</summary>
internal sealed class IntervalGate(double low, double high) : IGuidanceGate
{
    public bool IsOpen(NoiseLevel level) => level.Kappa > low && level.Kappa <= high;

    public void Observe(Latent x, NoiseLevel level, Preconditioning preconditioning, Latent conditional, Latent unconditional)
    {
    }
}

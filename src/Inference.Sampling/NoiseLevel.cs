namespace Inference.Sampling;

/// <summary>
/// A noise level: x = <see cref="Alpha"/>·x0 + <see cref="Sigma"/>·noise. One pair serves variance-preserving (α² + σ² = 1),
/// variance-exploding (α = 1) and flow (α = 1 - σ) processes, so a sampler has one body for all of them.
/// </summary>
/// <param name="Alpha">Scale of the clean data, ≥ 0.</param>
/// <param name="Sigma">Scale of the noise, ≥ 0; 0 means clean data.</param>
public readonly record struct NoiseLevel(double Alpha, double Sigma)
{
    /// <summary>The value the network is conditioned on, in the network's own unit (0..999 for discrete models); may be fractional.</summary>
    public double Timestep { get; init; }

    /// <summary>Index of the trajectory step this level is evaluated in, from 0.</summary>
    public int Step { get; init; }

    /// <summary>Index of the evaluation within its step, from 0 (Heun: 0 and 1). Caches decide by position, never by counting calls.</summary>
    public int Stage { get; init; }

    /// <summary>Half log signal-to-noise ratio λ = ln(α/σ); +∞ for clean data, -∞ for pure noise.</summary>
    public double Lambda => Math.Log(Alpha) - Math.Log(Sigma);

    /// <summary>Noise-to-signal ratio κ = σ/α, "sigma" of the k-diffusion samplers; 0 for clean data.</summary>
    public double Kappa => Sigma / Alpha;

    /// <summary>Whether no noise is left.</summary>
    public bool IsClean => Sigma == 0;
}

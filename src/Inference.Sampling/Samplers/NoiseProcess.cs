namespace Inference.Sampling;

/// <summary>How a model's training mixed data and noise: which α belongs to which σ.</summary>
public enum NoiseProcess
{
    /// <summary>α² + σ² = 1, a table of discrete timesteps (Stable Diffusion, SDXL, PixArt).</summary>
    VariancePreserving,

    /// <summary>α + σ = 1 (rectified flow: SD 3, Flux).</summary>
    Flow,

    /// <summary>α = 1, conditioned on ¼ ln σ (Karras et al. 2022).</summary>
    Edm,

    /// <summary>α = cos θ, σ = σ_d sin θ, conditioned on θ (Lu &amp; Song 2024).</summary>
    TrigFlow,
}

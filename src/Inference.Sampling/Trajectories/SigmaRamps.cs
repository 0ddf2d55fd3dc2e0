namespace Inference.Sampling;

/// <summary>How noise-to-signal ratios are spread between a largest and a smallest.</summary>
public enum SigmaRamp
{
    /// <summary>As the timesteps give them.</summary>
    Uniform,

    /// <summary>σ^(1/ρ) evenly, ρ = 7 unless given (Karras et al. 2022, arXiv:2206.00364, eq. 5).</summary>
    Karras,

    /// <summary>ln σ as a power ρ of the index, ρ = 1 unless given (k-diffusion).</summary>
    PolyExponential,

    /// <summary>√t evenly over the model's whole table, as the DPM-Solver authors' <c>time_quadratic</c>.</summary>
    TimeQuadratic,

    /// <summary>ln σ evenly.</summary>
    Exponential,

    /// <summary>ln σ evenly where the denoiser's answer changes, after one step from the noisiest level down to there; measured in docs/samplers.md.</summary>
    Focused,

    /// <summary>Quantiles of Beta(0.6, 0.6) (Lee et al. 2024, arXiv:2407.12173).</summary>
    Beta,

    /// <summary>λ = -ln κ evenly over the model's whole table (Lu et al. 2022, arXiv:2206.00927, appendix D.4).</summary>
    Lu,

    /// <summary>Align Your Steps for Stable Diffusion 1 (Sabour et al. 2024, arXiv:2404.14507).</summary>
    AlignYourSteps,

    /// <summary>Align Your Steps for SDXL.</summary>
    AlignYourStepsXl,

    /// <summary>Align Your Steps for Stable Video Diffusion, an EDM model.</summary>
    AlignYourStepsVideo,
}

/// <summary>A ramp as a request asks for it.</summary>
/// <param name="Ramp">The kind.</param>
/// <param name="Rho">Exponent ρ &gt; 0 of <see cref="SigmaRamp.Karras"/> and <see cref="SigmaRamp.PolyExponential"/>; null: the kind's own.</param>
internal readonly record struct RampChoice(SigmaRamp Ramp, double? Rho = null);

/// <summary>The ramps as functions; each gives <c>count</c> values, descending from the largest to the smallest, without a final 0.</summary>
public static class SigmaRamps
{
    /// <param name="rho">ρ, 7 in the paper.</param>
    public static double[] Karras(double largest, double smallest, int count, double rho = 7)
    {
        var (first, last) = (Math.Pow(largest, 1 / rho), Math.Pow(smallest, 1 / rho));
        return Array.ConvertAll(Grid.Linspace(0, 1, count), u => Math.Pow(first + u * (last - first), rho));
    }

    public static double[] Exponential(double largest, double smallest, int count) =>
        Array.ConvertAll(Grid.Linspace(Math.Log(largest), Math.Log(smallest), count), Math.Exp);

    /// <summary>
    /// For data of about unit variance, as latents are scaled to: above σ = 40 the denoiser answers with the mean, below 0.12 with what it sees, so
    /// evaluations are spent between. A model whose noise goes far beyond (cosine tables reach 20,000) is evaluated there once.
    /// </summary>
    public static double[] Focused(double largest, double smallest, int count)
    {
        const double high = 40;
        const double low = 0.12;
        var (last, beyond) = (Math.Min(Math.Max(low, smallest), largest), largest > 2 * high && count > 1);
        return beyond ? [largest, .. Exponential(high, last, count - 1)] : Exponential(largest, last, count);
    }

    /// <summary>ln σ as a polynomial of the index (k-diffusion, <c>get_sigmas_polyexponential</c>); ρ = 1 is <see cref="Exponential"/>.</summary>
    public static double[] PolyExponential(double largest, double smallest, int count, double rho)
    {
        var (high, low) = (Math.Log(largest), Math.Log(smallest));
        return Array.ConvertAll(Grid.Linspace(1, 0, count), u => Math.Exp(Math.Pow(u, rho) * (high - low) + low));
    }

    public static double[] Beta(double largest, double smallest, int count, double alpha = 0.6, double beta = 0.6) =>
        Array.ConvertAll(Grid.Linspace(0, 1, count), u => smallest + BetaDistribution.Quantile(1 - u, alpha, beta) * (largest - smallest));

    /// <summary>The continuous variance-preserving process of Song et al. 2021, arXiv:2011.13456 (k-diffusion, <c>get_sigmas_vp</c>).</summary>
    public static double[] VariancePreserving(int count, double betaDistance = 19.9, double betaMinimum = 0.1, double end = 1e-3) =>
        Array.ConvertAll(Grid.Linspace(1, end, count), t => Math.Sqrt(Math.Exp(betaDistance * t * t / 2 + betaMinimum * t) - 1));
}

namespace Inference.Sampling;

/// <summary>How strongly, and where, a prompt guides sampling.</summary>
public sealed record GuidanceOptions
{
    /// <summary>No guidance: the conditional prediction alone.</summary>
    public static GuidanceOptions None { get; } = new();

    /// <summary>Guidance scale w ≥ 0; 1 is off (one network row instead of two).</summary>
    public double Scale { get; init; } = 1;

    /// <summary>φ in [0, 1]: how far the guided output is brought back to the standard deviation of the conditional one
    /// (Lin et al. 2023, arXiv:2305.08891, section 3.4); 0 is off.</summary>
    public double Rescale { get; init; }

    /// <summary>Noise-to-signal ratios σ/α with Low &lt; σ/α ≤ High at which guidance is on (Kynkäänniemi et al. 2024, arXiv:2404.07724); elsewhere
    /// one row is evaluated instead of two. Null: everywhere.</summary>
    public (double Low, double High)? Interval { get; init; }

    /// <summary>γ̄ in [0, 1]: guidance ends below the level at which the cosine of conditional and unconditional noise reaches it
    /// (Castillo et al. 2023, arXiv:2312.12487, section 5). Null: never.</summary>
    public double? AdaptiveThreshold { get; init; }

    /// <exception cref="SamplingOptionException">A value is out of range.</exception>
    public void Validate()
    {
        Require.InRange("guidance_scale", Scale, 0, double.MaxValue);
        Require.InRange("guidance_rescale", Rescale, 0, 1);
        if (Interval is var (low, high))
        {
            Require.InRange("guidance_interval", low, 0, double.MaxValue);
            Require.That(high > low, "guidance_interval", "guidance_interval must have a high end above its low end.");
        }
        if (AdaptiveThreshold is { } threshold)
            Require.InRange("guidance_adaptive_threshold", threshold, 0, 1);
    }
}

namespace Inference.Sampling;

/// <summary>What a cache policy does at a step.</summary>
internal enum StepKind
{
    /// <summary>The network is computed in full.</summary>
    Full,

    /// <summary>Features are predicted.</summary>
    Skipped,

    /// <summary>The gate decides.</summary>
    Gated,
}

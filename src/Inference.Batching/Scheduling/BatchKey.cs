using Inference.Sampling;

namespace Inference.Batching;

/// <summary>What rows of one network must have in common to share one evaluation. Noise level, guidance and sampler are per row and not part of it.</summary>
/// <param name="Variant">Name of the graph variant ("full" for the unedited network).</param>
/// <param name="Shape">Shape of the latents.</param>
/// <param name="ConditioningShape">Names and shapes of the conditioning (<see cref="Conditioning.ShapeKey"/>).</param>
public readonly record struct BatchKey(string Variant, LatentShape Shape, string ConditioningShape)
{
    /// <summary>Variant of the network as it was exported.</summary>
    public const string Full = "full";
}

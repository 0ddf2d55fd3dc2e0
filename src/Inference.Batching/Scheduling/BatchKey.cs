using Inference.Sampling;

namespace Inference.Batching;

/// <summary>What rows of one network must have in common to share one evaluation. Noise level, guidance and sampler are per row and not part of it.</summary>
/// <param name="Variant">Form of the network. A lane's rows may change it from one evaluation to the next, so lanes are counted without it.</param>
/// <param name="Shape">Shape of the latents.</param>
/// <param name="ConditioningShape">Names and shapes of the conditioning (<see cref="Conditioning.ShapeKey"/>).</param>
public readonly record struct BatchKey(NetworkVariant Variant, LatentShape Shape, string ConditioningShape)
{
    /// <summary>The network as it was exported.</summary>
    public static NetworkVariant Full => NetworkVariant.Full;
}

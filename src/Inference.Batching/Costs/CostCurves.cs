using System.Collections.Concurrent;
using Inference.Sampling;

namespace Inference.Batching;

/// <summary>What a cost curve belongs to; model and provider are the batcher's.</summary>
/// <param name="Variant">Form of the network.</param>
/// <param name="Shape">Shape of the latents.</param>
public readonly record struct CostKey(NetworkVariant Variant, LatentShape Shape)
{
    /// <summary>The curve of a batch's key: the conditioning is the same length for nearly all requests and costs little beside the latents.</summary>
    public static CostKey Of(in BatchKey key) => new(key.Variant, key.Shape);
}

/// <summary>The cost curves of one model on one device. Safe for any thread.</summary>
public sealed class CostCurves
{
    private readonly ConcurrentDictionary<CostKey, CostCurve> _curves = [];

    /// <summary>All curves.</summary>
    public IEnumerable<KeyValuePair<CostKey, CostCurve>> All => _curves;

    /// <summary>The curve of a key, empty at first.</summary>
    public CostCurve Of(CostKey key) => _curves.GetOrAdd(key, static _ => new());

    /// <inheritdoc cref="Of(CostKey)"/>
    public CostCurve Of(in BatchKey key) => Of(CostKey.Of(key));
}

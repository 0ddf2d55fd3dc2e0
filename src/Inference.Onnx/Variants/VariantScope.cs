using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>The forms of a scope in the order in which they are opened: the first gives everything that the others take.</summary>
internal static class VariantScope
{
    public static ImmutableArray<NetworkVariant> VariantsOf(FeatureScope scope) => scope switch
    {
        FeatureScope.Modules => [NetworkVariant.TappedModules, NetworkVariant.CachedModules],
        FeatureScope.Attention => [NetworkVariant.TappedAttention, NetworkVariant.CachedAttention],
        FeatureScope.Probe => [NetworkVariant.Head, NetworkVariant.Body, NetworkVariant.Tail],
        FeatureScope.Stack => [NetworkVariant.TappedStack, NetworkVariant.CachedStack],
        _ => [],
    };

    /// <summary>What a form exchanges, when the first form of its scope gives <paramref name="first"/>.</summary>
    public static FeatureExchange ExchangeOf(NetworkVariant variant, ImmutableArray<FeatureTensor> first) => variant switch
    {
        NetworkVariant.TappedModules or NetworkVariant.TappedAttention or NetworkVariant.TappedStack or NetworkVariant.Head => new([], first),
        NetworkVariant.CachedModules or NetworkVariant.CachedAttention or NetworkVariant.CachedStack => new(first, []),
        // The head gives its residual, then the streams; the residual of the later blocks is as large as its own.
        NetworkVariant.Body => new(first[1..], [first[0]]),
        NetworkVariant.Tail => new([first[1], first[0]], []),
        _ => FeatureExchange.None,
    };

    /// <summary>Sizes of what a run keeps of a scope.</summary>
    public static FeatureSizes SizesOf(FeatureScope scope, ImmutableArray<FeatureTensor> first) => scope == FeatureScope.Probe
        ? new([first[0].Length], [.. first[1..].Select(tensor => tensor.Length)])
        : new([.. first.Select(tensor => tensor.Length)], []);
}

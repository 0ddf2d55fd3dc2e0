using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>What of a network is cached.</summary>
public enum FeatureScope
{
    /// <summary>Its output: needs nothing of the graph, and a skipped step no evaluation at all.</summary>
    Output,

    /// <summary>The output of every residual branch.</summary>
    Modules,

    /// <summary>The output of every attention.</summary>
    Attention,

    /// <summary>The residual of all blocks but the first, which is computed always and decides.</summary>
    Probe,

    /// <summary>The residual of all blocks.</summary>
    Stack,
}

/// <summary>The forms of the network by which a scope is cached.</summary>
/// <param name="Recording">Evaluates in full and gives what is cached; <see cref="NetworkVariant.Full"/> where that is the output.</param>
/// <param name="Skipping">Evaluates a skipped row.</param>
internal readonly record struct ScopeVariants(NetworkVariant Recording, NetworkVariant Skipping)
{
    public static ScopeVariants Of(FeatureScope scope) => scope switch
    {
        FeatureScope.Modules => new(NetworkVariant.TappedModules, NetworkVariant.CachedModules),
        FeatureScope.Attention => new(NetworkVariant.TappedAttention, NetworkVariant.CachedAttention),
        FeatureScope.Probe => new(NetworkVariant.Body, NetworkVariant.Tail),
        FeatureScope.Stack => new(NetworkVariant.TappedStack, NetworkVariant.CachedStack),
        _ => new(NetworkVariant.Full, NetworkVariant.Full),
    };
}

/// <summary>Sizes of one row's features of a scope, in values.</summary>
/// <param name="Cached">What is predicted on skipped steps.</param>
/// <param name="Streams">What goes from the first block to the later ones, the image stream first; empty unless the scope is <see cref="FeatureScope.Probe"/>.</param>
public sealed record FeatureSizes(ImmutableArray<int> Cached, ImmutableArray<int> Streams)
{
    /// <summary>Sizes of a scope that caches the output alone.</summary>
    public static FeatureSizes OfOutput(LatentShape shape) => new([shape.Length], []);
}

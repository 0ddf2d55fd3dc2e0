using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>What of a network is cached.</summary>
public enum FeatureKind
{
    /// <summary>Its output: needs nothing of the graph, and a skipped step no evaluation at all.</summary>
    Output,

    /// <summary>Its output less its input; like <see cref="Output"/> otherwise.</summary>
    OutputChange,

    /// <summary>What the output with the prompt has more than that without: a skipped step evaluates the row with the prompt alone.</summary>
    GuidanceDelta,

    /// <summary>The output of every residual branch.</summary>
    Modules,

    /// <summary>The same, and on skipped steps the last block is computed and compared with its prediction.</summary>
    Verified,

    /// <summary>The output of every attention.</summary>
    Attention,

    /// <summary>The residual of all blocks but the first ones, which are computed always and decide, and the last ones, which are computed always too.</summary>
    Probe,

    /// <summary>The image stream after the last block; the first ones are computed always and decide.</summary>
    Forecast,

    /// <summary>The residual of all blocks.</summary>
    Stack,

    /// <summary>The same; what the first attention reads is computed always and decides.</summary>
    ModulatedStack,

    /// <summary>What comes up from below at a skip connection of a U-Net.</summary>
    Deep,
}

/// <summary>What of a network is cached, and where it is cut.</summary>
/// <param name="Kind">What is cached.</param>
/// <param name="Cut">Where the network is cut, for <see cref="FeatureKind.Probe"/>, <see cref="FeatureKind.Forecast"/> and <see cref="FeatureKind.Deep"/>.</param>
public readonly record struct FeatureScope(FeatureKind Kind, NetworkCut Cut = default)
{
    public static FeatureScope Output => new(FeatureKind.Output);

    public static FeatureScope OutputChange => new(FeatureKind.OutputChange);

    public static FeatureScope GuidanceDelta => new(FeatureKind.GuidanceDelta);

    public static FeatureScope Modules => new(FeatureKind.Modules);

    public static FeatureScope Verified => new(FeatureKind.Verified);

    public static FeatureScope Attention => new(FeatureKind.Attention);

    public static FeatureScope Stack => new(FeatureKind.Stack);

    public static FeatureScope ModulatedStack => new(FeatureKind.ModulatedStack);

    /// <summary>Whether it is found outside the network, so that nothing of the graph need be known.</summary>
    public bool IsOutside => Kind is FeatureKind.Output or FeatureKind.OutputChange or FeatureKind.GuidanceDelta;

    /// <summary>The residual of the blocks between the first and the last ones.</summary>
    public static FeatureScope Probe(int first = 1, int last = 0) => new(FeatureKind.Probe, new(first, last));

    /// <summary>The image stream after the last block, forecast; the first blocks decide.</summary>
    public static FeatureScope Forecast(int first = 1) => new(FeatureKind.Forecast, new(first, 0));

    /// <summary>What comes up at the n-th skip connection of a U-Net, from 1, the outermost.</summary>
    public static FeatureScope Deep(int connection) => new(FeatureKind.Deep, new(connection, 0));

    public override string ToString() => Cut == default ? Kind.ToString() : $"{Kind} {Cut.First}, {Cut.Last}";
}

/// <summary>The forms of the network by which a scope is cached.</summary>
/// <param name="Recording">Evaluates in full and gives what is cached; <see cref="NetworkVariant.Full"/> where that is outside the network.</param>
/// <param name="Skipping">Evaluates a skipped row.</param>
/// <param name="Probing">Evaluates what decides; <see cref="NetworkVariant.Full"/> where nothing does.</param>
internal readonly record struct ScopeVariants(NetworkVariant Recording, NetworkVariant Skipping, NetworkVariant Probing = default)
{
    public static ScopeVariants Of(FeatureScope scope) => scope.Kind switch
    {
        FeatureKind.Modules => new(NetworkVariant.TappedModules, NetworkVariant.CachedModules),
        FeatureKind.Verified => new(NetworkVariant.TappedModules, NetworkVariant.VerifiedModules),
        FeatureKind.Attention => new(NetworkVariant.TappedAttention, NetworkVariant.CachedAttention),
        FeatureKind.Probe or FeatureKind.Forecast => new(new(NetworkForm.Body, scope.Cut), new(NetworkForm.Tail, scope.Cut), new(NetworkForm.Head, scope.Cut with { Last = 0 })),
        FeatureKind.Stack => new(NetworkVariant.TappedStack, NetworkVariant.CachedStack),
        FeatureKind.ModulatedStack => new(NetworkVariant.TappedStack, NetworkVariant.CachedStack, NetworkVariant.Modulated),
        FeatureKind.Deep => new(new(NetworkForm.TappedDeep, scope.Cut), new(NetworkForm.CachedDeep, scope.Cut)),
        _ => default,
    };
}

/// <summary>Sizes of one row's features of a scope, in values.</summary>
/// <param name="Cached">What is predicted on skipped steps.</param>
/// <param name="Streams">What goes from the first blocks to the later ones, the image stream first; empty where nothing does.</param>
/// <param name="Probed">What a form evaluates so that it decides; 0 where none does.</param>
/// <param name="Verified">How many of the cached features, the last ones, are computed on skipped steps too and compared.</param>
public sealed record FeatureSizes(ImmutableArray<int> Cached, ImmutableArray<int> Streams, int Probed = 0, int Verified = 0)
{
    /// <summary>Where the device keeps what is cached and the streams; null where the host does.</summary>
    public IDeviceFeatureMemory? Device { get; init; }

    /// <summary>Sizes of a scope that caches the output alone.</summary>
    public static FeatureSizes OfOutput(LatentShape shape) => new([shape.Length], []);
}

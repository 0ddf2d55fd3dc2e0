using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>The forms of a scope and what they exchange.</summary>
internal static class VariantScope
{
    /// <summary>The forms in the order in which they are opened: the first gives everything that the others take.</summary>
    public static ImmutableArray<NetworkVariant> VariantsOf(FeatureScope scope) => scope.Kind switch
    {
        FeatureKind.Modules => [NetworkVariant.TappedModules, NetworkVariant.CachedModules],
        FeatureKind.Verified => [NetworkVariant.TappedModules, NetworkVariant.VerifiedModules],
        FeatureKind.Attention => [NetworkVariant.TappedAttention, NetworkVariant.CachedAttention],
        FeatureKind.Probe or FeatureKind.Forecast =>
            [new(NetworkForm.Head, scope.Cut with { Last = 0 }), new(NetworkForm.Body, scope.Cut), new(NetworkForm.Tail, scope.Cut)],
        FeatureKind.Stack => [NetworkVariant.TappedStack, NetworkVariant.CachedStack],
        FeatureKind.ModulatedStack => [NetworkVariant.TappedStack, NetworkVariant.CachedStack, NetworkVariant.Modulated],
        FeatureKind.Deep => [new(NetworkForm.TappedDeep, scope.Cut), new(NetworkForm.CachedDeep, scope.Cut)],
        _ => [],
    };

    /// <summary>Whether what is kept of a scope is only reused or summed, so that a device can keep it: what is compared or looked at, the host does.</summary>
    public static bool StaysOnDevice(FeatureScope scope) => scope.Kind is not (FeatureKind.Verified or FeatureKind.Forecast);

    /// <summary>What a form takes, when the first form of its scope gives <paramref name="first"/>.</summary>
    /// <param name="variant">The form.</param>
    /// <param name="first">What the first form gives; the head its residual, then the streams.</param>
    /// <param name="verified">How many of the modules are the last block's.</param>
    public static ImmutableArray<FeatureTensor> TakenOf(NetworkVariant variant, ImmutableArray<FeatureTensor> first, int verified) => variant.Form switch
    {
        NetworkForm.CachedModules or NetworkForm.CachedAttention or NetworkForm.CachedStack or NetworkForm.CachedDeep => first,
        NetworkForm.VerifiedModules => first[..^verified],
        NetworkForm.Body => first[1..],
        // Each stream, then what is added to each; without blocks at the end the picture's alone.
        NetworkForm.Tail => variant.Cut.Last == 0 ? [first[1], first[0]] : [.. first[1..], .. first[1..]],
        _ => [],
    };

    /// <summary>What a form gives; null where it has to be measured.</summary>
    public static ImmutableArray<FeatureTensor>? GivenOf(NetworkVariant variant, ImmutableArray<FeatureTensor> first, int verified) => variant.Form switch
    {
        NetworkForm.CachedModules or NetworkForm.CachedAttention or NetworkForm.CachedStack or NetworkForm.CachedDeep or NetworkForm.Tail => [],
        NetworkForm.VerifiedModules => first[^verified..],
        // A residual is as large as its stream.
        NetworkForm.Body => variant.Cut.Last == 0 ? [first[0]] : first[1..],
        _ => null,
    };

    /// <summary>Sizes of what a run keeps of a scope, by what each of its forms exchanges.</summary>
    public static FeatureSizes SizesOf(FeatureScope scope, IReadOnlyList<FeatureExchange> exchanges)
    {
        var first = exchanges[0].Given;
        return scope.Kind switch
        {
            FeatureKind.Probe or FeatureKind.Forecast => new(Lengths(exchanges[1].Given), Lengths(first[1..]), first[0].Length),
            FeatureKind.ModulatedStack => new(Lengths(first), [], exchanges[2].Given[0].Length),
            FeatureKind.Verified => new(Lengths(first), [], Verified: exchanges[1].Given.Length),
            _ => new(Lengths(first), []),
        };
    }

    private static ImmutableArray<int> Lengths(IEnumerable<FeatureTensor> tensors) => [.. tensors.Select(tensor => tensor.Length)];
}

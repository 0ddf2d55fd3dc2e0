using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Inference.Onnx;

/// <summary>Element type and row shape of a value inside the network.</summary>
/// <param name="Type">Its element type in the graph.</param>
/// <param name="Row">Its dimensions without the batch.</param>
internal sealed record FeatureTensor(ElementType Type, ImmutableArray<long> Row)
{
    /// <summary>Values of one row.</summary>
    public int Length => checked((int)Row.Aggregate(1L, (product, dimension) => product * dimension));

    /// <summary>Its shape for a number of rows.</summary>
    public long[] Of(int rows) => [rows, .. Row];
}

/// <summary>What a form of the network exchanges with rows of one shape.</summary>
/// <param name="Taken">What it takes.</param>
/// <param name="Given">What it gives.</param>
internal sealed record FeatureExchange(ImmutableArray<FeatureTensor> Taken, ImmutableArray<FeatureTensor> Given)
{
    // Named once: they are asked for with every row.
    private static readonly ConcurrentDictionary<int, (string Taken, string Given)> s_names = [];

    public static FeatureExchange None { get; } = new([], []);

    /// <summary>Name of an input of a derived graph.</summary>
    public static string TakenName(int index) => NamesOf(index).Taken;

    /// <summary>Name of an output of a derived graph.</summary>
    public static string GivenName(int index) => NamesOf(index).Given;

    /// <summary>Whether an input or output of a derived graph is one that is exchanged.</summary>
    public static bool IsName(string name) => name.StartsWith("cache.", StringComparison.Ordinal);

    private static (string Taken, string Given) NamesOf(int index) => s_names.GetOrAdd(index, static i => ($"cache.taken.{i}", $"cache.given.{i}"));
}

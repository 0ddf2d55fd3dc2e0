using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>Element type of a graph's input or output.</summary>
public enum ElementType
{
    Float32,
    Float16,
    Int64,
    Int32,
    Other,
}

/// <summary>One input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Dimensions">Its dimensions; -1 where the export left them open.</param>
public sealed record GraphTensor(string Name, ElementType Type, ImmutableArray<int> Dimensions)
{
    public override string ToString() => $"{Name}: {Type}[{string.Join(',', Dimensions)}]";
}

/// <summary>A loaded graph: its signature, and the native session behind it.</summary>
public sealed class GraphSession : IDisposable
{
    private readonly GraphWeights? _weights;
    private readonly HashSet<string> _onDevice = [];

    /// <param name="path">The file it came from.</param>
    /// <param name="session">The native session.</param>
    /// <param name="memory">Memory of the device it runs on; null where that is the host's.</param>
    /// <param name="weights">Weights that lie outside the session; disposed after it. Null where it holds its own.</param>
    /// <param name="derivation">How other graphs are derived from it; null where none are.</param>
    internal GraphSession(string path, InferenceSession session, ITensorMemory? memory, GraphWeights? weights = null, GraphDerivation? derivation = null)
    {
        (Path, Session, Memory, _weights, Derivation) = (path, session, memory, weights, derivation);
        Usage = SessionMemory.Of(session);
        Inputs = [.. session.InputMetadata.Select(entry => Describe(entry.Key, entry.Value))];
        Outputs = [.. session.OutputMetadata.Select(entry => Describe(entry.Key, entry.Value))];
        if (memory is null)
            return;
        using var inputs = session.GetMemoryInfosForInputs();
        using var outputs = session.GetMemoryInfosForOutputs();
        foreach (var (name, place) in session.InputNames.Zip(inputs).Concat(session.OutputNames.Zip(outputs)))
            if (memory.Holds(place))
                _onDevice.Add(name);
    }

    /// <summary>The file it came from.</summary>
    public string Path { get; }

    public ImmutableArray<GraphTensor> Inputs { get; }

    public ImmutableArray<GraphTensor> Outputs { get; }

    internal InferenceSession Session { get; }

    /// <summary>What its runs need of its device's memory.</summary>
    public SessionMemory Usage { get; }

    /// <summary>Largest difference from the export on random rows, relative to its largest value; null where the graph is the export.</summary>
    public double? Difference { get; internal set; }

    /// <summary>What it computes in.</summary>
    public Precision Precision => Derivation?.Precision ?? Precision.Float32;

    /// <summary>Numbers the launches that its provider records; null where it records none.</summary>
    internal GraphCaptures? Captures { get; init; }

    /// <summary>Memory of the device it runs on; null where that is the host's.</summary>
    internal ITensorMemory? Memory { get; }

    /// <summary>Where the graph wants an input or output; null is the host's memory.</summary>
    internal ITensorMemory? MemoryOf(string name) => _onDevice.Contains(name) ? Memory : null;

    /// <summary>How other graphs are derived from it, on the same weights.</summary>
    internal GraphDerivation? Derivation { get; }

    /// <summary>Opens the same network once more, after this session failed.</summary>
    /// <exception cref="GraphException">It cannot be loaded any more.</exception>
    /// <exception cref="InvalidOperationException">It was not opened as a network.</exception>
    public GraphSession Reopen() => (Derivation ?? throw new InvalidOperationException($"{Path} was not opened as a network.")).Reopen(Difference);

    /// <summary>The input of one of these names.</summary>
    /// <exception cref="GraphException">The graph has none of them.</exception>
    public GraphTensor Input(params ReadOnlySpan<string> names) => Find(Inputs, names, "input");

    /// <summary>The output of one of these names.</summary>
    /// <exception cref="GraphException">The graph has none of them.</exception>
    public GraphTensor Output(params ReadOnlySpan<string> names) => Find(Outputs, names, "output");

    /// <summary>Whether the graph has an input of this name.</summary>
    public bool HasInput(string name) => Inputs.Any(tensor => tensor.Name == name);

    /// <summary>Whether the graph has an output of this name.</summary>
    public bool HasOutput(string name) => Outputs.Any(tensor => tensor.Name == name);

    /// <summary>Binds buffers for fixed shapes.</summary>
    /// <param name="inputs">Shape of every input of the graph, by name.</param>
    /// <param name="outputs">Shape of every output that is wanted, by name.</param>
    /// <param name="isKept">Whether it will run often, so that a provider that records launches should.</param>
    /// <exception cref="GraphException">A name or an element type does not fit the graph.</exception>
    public BoundRun Bind(IReadOnlyDictionary<string, long[]> inputs, IReadOnlyDictionary<string, long[]> outputs, bool isKept = false) => new(this, inputs, outputs, isKept);

    public void Dispose()
    {
        using var call = Memory is null ? default : Memory.Gate.Enter();
        Usage.Dispose();
        Session.Dispose();
        _weights?.Dispose();
    }

    private GraphTensor Find(ImmutableArray<GraphTensor> tensors, ReadOnlySpan<string> names, string kind)
    {
        foreach (var name in names)
            if (tensors.FirstOrDefault(tensor => tensor.Name == name) is { } found)
                return found;
        throw new GraphException(Path, $"expected an {kind} named {string.Join(" or ", names.ToArray().Select(name => $"'{name}'"))}; it has {string.Join(", ", tensors.Select(tensor => $"'{tensor.Name}'"))}.");
    }

    private static GraphTensor Describe(string name, NodeMetadata metadata) => new(name, TypeOf(metadata.ElementDataType), [.. metadata.Dimensions]);

    private static ElementType TypeOf(TensorElementType type) => type switch
    {
        TensorElementType.Float => ElementType.Float32,
        TensorElementType.Float16 => ElementType.Float16,
        TensorElementType.Int64 => ElementType.Int64,
        TensorElementType.Int32 => ElementType.Int32,
        _ => ElementType.Other,
    };
}

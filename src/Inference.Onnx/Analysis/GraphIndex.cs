using System.Collections.Immutable;

namespace Inference.Onnx;

/// <summary>
/// Who makes and who reads each value of a graph, and what depends on what. Dependence is that of the numbers: a value that only its shape reaches
/// (through Shape or Size) does not count. Names serve as keys and nothing is read from them.
/// </summary>
internal sealed class GraphIndex
{
    private readonly Dictionary<string, int> _makers = [];
    private readonly Dictionary<string, List<int>> _readers = [];
    private readonly Dictionary<string, long> _constants = [];
    private readonly string[][] _inputs;

    /// <exception cref="AnalysisException">The nodes are not in the order in which they can be evaluated.</exception>
    public GraphIndex(OnnxModel model)
    {
        Model = model;
        foreach (var tensor in model.Initializers)
            _constants[tensor.Name] = tensor.Count;
        _inputs = new string[model.Nodes.Count][];
        for (var i = 0; i < _inputs.Length; i++)
            Add(i, model.Nodes[i]);
    }

    public OnnxModel Model { get; }

    public int Count => _inputs.Length;

    public string Operator(int node) => Model.Nodes[node].Operator;

    /// <summary>Values that a node reads, those its bodies take from around it included.</summary>
    public IReadOnlyList<string> Inputs(int node) => _inputs[node];

    public IReadOnlyList<string> Outputs(int node) => Model.Nodes[node].Outputs;

    /// <summary>The node that makes a value; -1 for inputs and initializers.</summary>
    public int Maker(string value) => _makers.GetValueOrDefault(value, -1);

    /// <summary>The nodes that read a value, in order.</summary>
    public IReadOnlyList<int> Readers(string value) => _readers.TryGetValue(value, out var readers) ? readers : [];

    /// <summary>Whether a value is the same in every evaluation, seen through Cast, DequantizeLinear and whatever else is computed from constants.</summary>
    public bool IsConstant(string value) => _constants.ContainsKey(value);

    /// <summary>Values of the initializers behind a constant; 0 for others.</summary>
    public long WeightsOf(string value) => _constants.GetValueOrDefault(value);

    /// <summary>Where a value is made.</summary>
    public GraphValue Locate(string value) => Maker(value) is var maker and >= 0 ? new(maker, Model.Nodes[maker].Outputs.IndexOf(value)) : default;

    /// <summary>The nodes by which <paramref name="target"/> depends on <paramref name="source"/>, in order; empty when it does not.</summary>
    public ImmutableArray<int> Between(string source, string target)
    {
        var (first, last) = (Maker(source), Maker(target));
        if (last <= first)
            return [];
        var behind = new SortedSet<int>();
        var open = new Stack<int>([last]);
        while (open.TryPop(out var node))
            if (behind.Add(node) && !DropsNumbers(node))
                foreach (var input in _inputs[node])
                    if (Maker(input) is var maker && maker > first)
                        open.Push(maker);
        var between = new HashSet<int>();
        var ordered = ImmutableArray.CreateBuilder<int>();
        foreach (var node in behind)
            if (!DropsNumbers(node) && _inputs[node].Any(input => input == source || between.Contains(Maker(input))))
            {
                between.Add(node);
                ordered.Add(node);
            }
        return between.Contains(last) ? ordered.ToImmutable() : [];
    }

    /// <summary>The nodes that values need, in order; none behind the values of <paramref name="given"/>.</summary>
    /// <param name="values">What is wanted.</param>
    /// <param name="given">What is there already.</param>
    /// <param name="numbersOnly">Whether only dependence of the numbers counts.</param>
    public SortedSet<int> Needed(IEnumerable<string> values, IReadOnlySet<string> given, bool numbersOnly)
    {
        var needed = new SortedSet<int>();
        var open = new Stack<string>(values);
        while (open.TryPop(out var value))
            if (!given.Contains(value) && Maker(value) is var maker and >= 0 && needed.Add(maker) && !(numbersOnly && DropsNumbers(maker)))
                foreach (var input in _inputs[maker])
                    open.Push(input);
        return needed;
    }

    private void Add(int index, OnnxNode node)
    {
        _inputs[index] = [.. node.Inputs.Concat(node.Captured).Where(name => name.Length > 0)];
        foreach (var input in _inputs[index])
        {
            if (!_readers.TryGetValue(input, out var readers))
                _readers.Add(input, readers = []);
            if (readers.Count == 0 || readers[^1] != index)
                readers.Add(index);
        }
        var isConstant = _inputs[index].All(IsConstant) && node.Operator is not ("RandomNormal" or "RandomUniform");
        foreach (var output in node.Outputs)
        {
            if (output.Length == 0)
                continue;
            if (_readers.ContainsKey(output))
                throw new AnalysisException(Model.Path, "its nodes are not in the order in which they can be evaluated");
            _makers[output] = index;
            if (isConstant)
                _constants[output] = _inputs[index].Sum(WeightsOf);
        }
    }

    private bool DropsNumbers(int node) => Operator(node) is "Shape" or "Size";
}

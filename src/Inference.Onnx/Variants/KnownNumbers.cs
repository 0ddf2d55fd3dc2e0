namespace Inference.Onnx;

/// <summary>
/// Whole numbers that a graph computes from constants and from dimensions that are known before it runs: exporters write the bounds of a chunk as
/// arithmetic on Shape.
/// </summary>
/// <param name="graph">The graph.</param>
internal sealed class KnownNumbers(GraphIndex graph)
{
    private const int TensorOfAttribute = 5;
    private readonly Dictionary<string, OnnxTensor> _initializers = graph.Model.Initializers.DistinctBy(tensor => tensor.Name).ToDictionary(tensor => tensor.Name);
    private readonly Dictionary<string, (int Rank, long Last)> _dimensions = [];

    /// <summary>Notes the rank and the last dimension of a value.</summary>
    public void Note(string value, int rank, long last) => _dimensions[value] = (rank, last);

    /// <summary>The single number a value is; null where it is none, or not known.</summary>
    public long? Of(string value)
    {
        if (_initializers.TryGetValue(value, out var tensor))
            return NumberOf(tensor);
        if (graph.Maker(value) is not (>= 0 and var maker))
            return null;
        var node = graph.Model.Nodes[maker];
        return node.Operator switch
        {
            "Constant" when node.Attributes is [var attribute] => ConstantOf(attribute),
            "Gather" => Dimension(node.Inputs[0], Of(node.Inputs[1])),
            "Unsqueeze" or "Squeeze" or "Cast" or "Identity" => Of(node.Inputs[0]),
            "Add" => Of(node.Inputs[0]) + Of(node.Inputs[1]),
            "Sub" => Of(node.Inputs[0]) - Of(node.Inputs[1]),
            "Mul" => Of(node.Inputs[0]) * Of(node.Inputs[1]),
            "Div" when Of(node.Inputs[1]) is { } divisor and not 0 => Of(node.Inputs[0]) / divisor,
            _ => null,
        };
    }

    private long? Dimension(string shape, long? index) =>
        index is { } at && graph.Maker(shape) is >= 0 and var maker && graph.Model.Nodes[maker] is { Operator: "Shape", Attributes: [] } node
        && _dimensions.TryGetValue(node.Inputs[0], out var known) && (at == -1 || at == known.Rank - 1)
            ? known.Last
            : null;

    private static long? ConstantOf(byte[] attribute) =>
        Proto.Fields(attribute).FirstOrDefault(field => field.Number == TensorOfAttribute) is { Wire: ProtoField.LengthDelimited } tensor
            ? NumberOf(OnnxTensor.Read(attribute, tensor.Start, tensor.Length))
            : null;

    private static long? NumberOf(OnnxTensor tensor) => tensor.Longs() is [var number] ? number : null;
}

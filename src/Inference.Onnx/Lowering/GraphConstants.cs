namespace Inference.Onnx;

/// <summary>Values of a graph that are the same in every evaluation, as far as edits need them: weights, seen through the cast that widens them, and small
/// constants.</summary>
internal sealed class GraphConstants
{
    private readonly Dictionary<string, OnnxTensor> _tensors = [];
    private readonly Dictionary<string, OnnxTensor> _widened = [];

    public GraphConstants(OnnxModel model)
    {
        foreach (var tensor in model.Initializers)
            _tensors.TryAdd(tensor.Name, tensor);
        foreach (var node in model.Nodes)
            if (OnnxAttribute.TensorOf(node) is { } constant)
                _tensors.TryAdd(node.Outputs[0], constant with { Name = node.Outputs[0] });
            else if (node is { Operator: "Cast", Inputs: [var source], Outputs: [var target] } && OnnxAttribute.NumberOf(node, "to", 0) == OnnxTensor.FloatType
                && _tensors.TryGetValue(source, out var half) && half.Type == OnnxTensor.HalfType)
                _widened.TryAdd(target, half);
            else if (node is { Operator: "Identity", Inputs: [var same], Outputs: [var alias] } && Weight(same) is { } shared)
                (_tensors.ContainsKey(same) ? _tensors : _widened).TryAdd(alias, shared);
    }

    /// <summary>The stored tensor behind a float32 value: itself, or the float16 one that a Cast widens; null where the value is no such constant.</summary>
    public OnnxTensor? Weight(string value) =>
        _tensors.TryGetValue(value, out var tensor) && tensor.Type == OnnxTensor.FloatType ? tensor : _widened.GetValueOrDefault(value);

    /// <summary>The constant of a name as it is stored; null where there is none.</summary>
    public OnnxTensor? Stored(string value) => _tensors.GetValueOrDefault(value);
}

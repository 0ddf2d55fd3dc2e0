namespace Inference.Onnx;

/// <summary>
/// Weights that are stored in float16 and cast to float32 by the graph. The runtime would fold each cast when it opens a graph, into a copy for every
/// graph; here the cast is made once and its result is a weight that all derived graphs share.
/// </summary>
internal static class WidenedWeights
{
    /// <summary>Replaces the casts of a graph by weights.</summary>
    /// <param name="model">The graph, edited in place.</param>
    /// <param name="weights">Holds the weights.</param>
    public static void Apply(OnnxModel model, GraphWeights weights)
    {
        var halves = model.Initializers.Where(tensor => tensor is { Type: OnnxTensor.HalfType, Bytes: not null }).ToDictionary(tensor => tensor.Name);
        foreach (var cast in model.Nodes.Where(node => node is { Operator: "Cast", Inputs: [_], Outputs: [_] } && halves.ContainsKey(node.Inputs[0]) && TargetOf(node) == OnnxTensor.FloatType).ToArray())
        {
            var half = halves[cast.Inputs[0]];
            weights.Widen(half.Name, cast.Outputs[0], half.Dimensions);
            model.Nodes.Remove(cast);
            // The runtime is given the values; the place they would be read from is never looked at.
            model.Initializers.Add(half with { Name = cast.Outputs[0], Type = OnnxTensor.FloatType, Bytes = half.Bytes! with { Length = 0 } });
        }
        var read = model.Nodes.SelectMany(node => node.Inputs.Concat(node.Captured)).ToHashSet();
        model.Initializers.RemoveAll(tensor => halves.ContainsKey(tensor.Name) && !read.Contains(tensor.Name));
    }

    // AttributeProto: i 3; Cast has the attribute 'to' alone that is a number.
    private static int TargetOf(OnnxNode cast) => cast.Attributes.SelectMany(attribute => Proto.Fields(attribute))
        .Where(field => field is { Number: 3, Wire: ProtoField.Varint }).Select(field => (int)field.Value).FirstOrDefault();
}

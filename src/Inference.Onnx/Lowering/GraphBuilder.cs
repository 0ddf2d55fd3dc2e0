namespace Inference.Onnx;

/// <summary>Nodes that are put into a graph in front of others, with fresh names for what they make.</summary>
/// <param name="model">The graph; nodes are read from it and written by <see cref="Finish"/>.</param>
/// <param name="prefix">What fresh names begin with.</param>
internal sealed class GraphBuilder(OnnxModel model, string prefix)
{
    private readonly List<OnnxNode> _nodes = new(model.Nodes.Count);
    private readonly Dictionary<string, string> _constants = [];
    private int _names;

    /// <summary>A name that nothing else has.</summary>
    public string Fresh() => $"{prefix}.{_names++}";

    /// <summary>Adds a node behind those added so far.</summary>
    public void Add(OnnxNode node) => _nodes.Add(node);

    /// <summary>Adds a node that makes one value.</summary>
    /// <returns>Name of the value.</returns>
    public string Add(string operation, string[] inputs, params byte[][] attributes)
    {
        var name = Fresh();
        Add(new("", operation, [.. inputs], [name], [.. attributes]));
        return name;
    }

    /// <summary>Adds a node of ONNX Runtime's own operators that makes one value.</summary>
    /// <returns>Name of the value.</returns>
    public string AddMicrosoft(string operation, string[] inputs, params byte[][] attributes)
    {
        var name = Fresh();
        Add(new("", operation, [.. inputs], [name], [.. attributes]) { Domain = OnnxNode.Microsoft });
        model.ImportMicrosoft();
        return name;
    }

    /// <summary>A reduction over the last dimension, which stays with size 1. Since opset 18 the dimension is an input.</summary>
    public string ReduceLast(string operation, string value) => model.Opset >= 18
        ? Add(operation, [value, Numbers(-1)], OnnxAttribute.Number("keepdims", 1))
        : Add(operation, [value], OnnxAttribute.Numbers("axes", -1), OnnxAttribute.Number("keepdims", 1));

    /// <summary>A float32 number.</summary>
    public string Scalar(float value) => Constant($"f{value:R}", name => OnnxTensor.Inline(name, OnnxTensor.FloatType, [], value));

    /// <summary>An unsigned byte.</summary>
    public string Byte(byte value) => Constant($"b{value}", name => OnnxTensor.Inline(name, OnnxTensor.ByteType, [], value));

    /// <summary>A list of whole numbers.</summary>
    public string Numbers(params long[] values) => Constant($"n{string.Join(',', values)}", name => OnnxTensor.Inline(name, OnnxTensor.LongType, [values.Length], values));

    /// <summary>Replaces the graph's nodes by those added, less those that nothing reads any more, and drops weights that nothing reads.</summary>
    public void Finish()
    {
        var read = model.Outputs.Select(OnnxModel.NameOf).ToHashSet();
        var kept = new List<OnnxNode>();
        for (var i = _nodes.Count - 1; i >= 0; i--)
            if (_nodes[i].Outputs.Any(read.Contains))
            {
                kept.Add(_nodes[i]);
                read.UnionWith(_nodes[i].Inputs);
                if (_nodes[i].Attributes.Count > 0)
                    read.UnionWith(_nodes[i].Captured);
            }
        kept.Reverse();
        model.Nodes.Clear();
        model.Nodes.AddRange(kept);
        model.Initializers.RemoveAll(tensor => !read.Contains(tensor.Name));
    }

    private string Constant(string key, Func<string, OnnxTensor> make)
    {
        if (_constants.TryGetValue(key, out var name))
            return name;
        model.Initializers.Add(make(name = $"{prefix}.{key}"));
        return _constants[key] = name;
    }
}

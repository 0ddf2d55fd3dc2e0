namespace Inference.Onnx;

/// <summary>
/// Derives a graph from another: values become outputs, values become inputs, and what nothing needs any more is left out. The weights stay where
/// they are.
/// </summary>
internal sealed class GraphEdit
{
    private readonly OnnxModel _source;
    private readonly OnnxModel _model;
    private readonly HashSet<string> _outputs = [];
    private readonly Dictionary<string, string> _renamed = [];

    /// <param name="model">The graph to start from; it stays as it is.</param>
    public GraphEdit(OnnxModel model) => (_source, _model) = (model, model.Copy());

    /// <summary>The value made at a place of the graph it started from.</summary>
    public string Name(GraphValue value) => _source.Nodes[value.Node].Outputs[value.Output] is var name && _renamed.TryGetValue(name, out var now) ? now : name;

    /// <summary>Keeps the graph's first output.</summary>
    public GraphEdit KeepOutput()
    {
        _outputs.Add(OnnxModel.NameOf(_model.Outputs[0]));
        return this;
    }

    /// <summary>Makes a value an output.</summary>
    public void Output(string name, string value)
    {
        if (!Rename(value, name))
            _model.Nodes.Add(new("", "Identity", [value], [name], []));
        _model.Outputs.Add(new ProtoWriter().Text(1, name).ToArray());
        _outputs.Add(name);
    }

    /// <summary>Adds an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="like">Element type and rank.</param>
    public void Input(string name, FeatureTensor like)
    {
        var shape = new ProtoWriter();
        for (var i = 0; i <= like.Row.Length; i++)
            shape.Message(1, new ProtoWriter().Text(2, i == 0 ? "batch_size" : $"{name}_{i}"));
        var tensor = new ProtoWriter().Number(1, (ulong)(like.Type == ElementType.Float16 ? OnnxTensor.HalfType : OnnxTensor.FloatType)).Message(2, shape);
        _model.Inputs.Add(new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, tensor)).ToArray());
    }

    /// <summary>Lets everything that reads a value read another one.</summary>
    /// <exception cref="AnalysisException">The body of an If or Loop reads it.</exception>
    public void Replace(string value, string by)
    {
        foreach (var node in _model.Nodes)
        {
            if (node.Attributes.Count > 0 && node.Captured.Contains(value))
                throw new AnalysisException(_model.Path, $"the body of an {node.Operator} reads a value that would be cached");
            for (var i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] == value)
                    node.Inputs[i] = by;
        }
    }

    /// <summary>Computes a new value from two.</summary>
    /// <returns>Its name.</returns>
    public string Compute(string operation, string a, string b, string name)
    {
        var behind = Math.Max(MakerOf(a), MakerOf(b)) + 1;
        _model.Nodes.Insert(behind, new("", operation, [a, b], [name], []));
        return name;
    }

    /// <summary>The derived graph: what its outputs need.</summary>
    public OnnxModel Finish()
    {
        Prune();
        UsedChunks.Apply(_model);
        Prune();
        return _model;
    }

    private void Prune()
    {
        var graph = new GraphIndex(_model);
        var needed = graph.Needed(_outputs, new HashSet<string>(), numbersOnly: false);
        var read = needed.SelectMany(graph.Inputs).Concat(_outputs).ToHashSet();
        var nodes = needed.Select(node => _model.Nodes[node]).ToArray();
        _model.Nodes.Clear();
        _model.Nodes.AddRange(nodes);
        _model.Initializers.RemoveAll(tensor => !read.Contains(tensor.Name));
        _model.Inputs.RemoveAll(input => !read.Contains(OnnxModel.NameOf(input)));
        _model.Outputs.RemoveAll(output => !_outputs.Contains(OnnxModel.NameOf(output)));
    }

    // The kernel that makes the value then writes it into the bound buffer itself. Not where a body reads it by its name, nor twice.
    private bool Rename(string value, string name)
    {
        if (MakerOf(value) is not (>= 0 and var maker) || _outputs.Contains(value) || _model.Outputs.Any(output => OnnxModel.NameOf(output) == value) || _model.Nodes.Any(node => node.Attributes.Count > 0 && node.Captured.Contains(value)))
            return false;
        var outputs = _model.Nodes[maker].Outputs;
        outputs[outputs.IndexOf(value)] = name;
        Replace(value, name);
        _renamed[value] = name;
        return true;
    }

    private int MakerOf(string value) => _model.Nodes.FindIndex(node => node.Outputs.Contains(value));
}

namespace Inference.Onnx;

/// <summary>
/// A graph file without its large weights (onnx.proto, ModelProto 7 = GraphProto): what graph edits work on. Weights stay where they are; the
/// serialized model, a fraction of a megabyte, refers to their byte ranges as external data.
/// </summary>
internal sealed class OnnxModel
{
    private const int GraphField = 7;
    private const int OpsetField = 8;
    private const int NodeField = 1;
    private const int InitializerField = 5;
    private const int InputField = 11;
    private const int OutputField = 12;
    private const int ValueInfoField = 13;

    private byte[] _model;
    private readonly byte[] _graph;

    private OnnxModel(string path, byte[] model, byte[] graph, List<OnnxNode> nodes, List<OnnxTensor> initializers, List<byte[]> inputs, List<byte[]> outputs) =>
        (Path, _model, _graph, Nodes, Initializers, Inputs, Outputs) = (path, model, graph, nodes, initializers, inputs, outputs);

    /// <summary>The file it came from.</summary>
    public string Path { get; }

    /// <summary>The file that <see cref="Path"/> leads to: files in the cache of the Hugging Face hub are links.</summary>
    public string File => RealPath.Of(Path);

    /// <summary>Folder of <see cref="File"/>, which locations of weights are relative to.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(File)!;

    public List<OnnxNode> Nodes { get; }

    public List<OnnxTensor> Initializers { get; }

    /// <summary>Messages of the graph's inputs (ValueInfoProto).</summary>
    public List<byte[]> Inputs { get; }

    /// <summary>Messages of the graph's outputs (ValueInfoProto).</summary>
    public List<byte[]> Outputs { get; }

    /// <summary>Version of ONNX's operators.</summary>
    public int Opset => Opsets().FirstOrDefault(opset => opset.Domain is "" or "ai.onnx").Version;

    /// <summary>Makes ONNX Runtime's own operators known to the graph.</summary>
    public void ImportMicrosoft()
    {
        if (Opsets().All(opset => opset.Domain != OnnxNode.Microsoft))
            _model = [.. _model, .. new ProtoWriter().Message(OpsetField, new ProtoWriter().Text(1, OnnxNode.Microsoft).Number(2, 1)).ToArray()];
    }

    /// <summary>Name of an input or output.</summary>
    public static string NameOf(byte[] value) => Proto.Fields(value).First(field => field.Number == 1).Text(value);

    /// <summary>Reads a graph file; its external paths are checked first.</summary>
    /// <exception cref="GraphException">The file is missing, truncated or no graph, or an external path leaves the folder.</exception>
    public static OnnxModel Read(string path)
    {
        ExternalData.Check(path);
        try
        {
            using var file = new MappedFile(path);
            return file.Length <= int.MaxValue ? Read(path, file.Span(0, (int)file.Length)) : throw new GraphException(path, "a graph file holds at most 2 GiB; larger weights are external data.");
        }
        catch (Exception exception) when (exception is EndOfStreamException or IOException or InvalidOperationException or OverflowException)
        {
            throw new GraphException(path, "the file is truncated or no ONNX graph.", exception);
        }
    }

    /// <summary>The model with its edits. Shapes noted for values inside the graph are left out: edits may have changed them.</summary>
    public byte[] ToBytes()
    {
        var graph = new ProtoWriter();
        foreach (var node in Nodes)
            graph.Bytes(NodeField, node.ToBytes());
        foreach (var initializer in Initializers)
            graph.Bytes(InitializerField, initializer.ToBytes());
        foreach (var input in Inputs)
            graph.Bytes(InputField, input);
        foreach (var output in Outputs)
            graph.Bytes(OutputField, output);
        return [.. _model, .. new ProtoWriter().Bytes(GraphField, [.. graph.ToArray(), .. _graph]).ToArray()];
    }

    /// <summary>A copy whose edits leave this model as it is.</summary>
    public OnnxModel Copy() => new(Path, _model, _graph, [.. Nodes.Select(node => node.Copy())], [.. Initializers], [.. Inputs], [.. Outputs]);

    // OperatorSetIdProto: domain 1, version 2.
    private IEnumerable<(string Domain, int Version)> Opsets() => Proto.Fields(_model).Where(field => field.Number == OpsetField).Select(field =>
    {
        var parts = Proto.Fields(_model, field.Start, field.Length);
        return (
            parts.FirstOrDefault(part => part.Number == 1) is { Number: 1 } domain ? domain.Text(_model) : "",
            parts.FirstOrDefault(part => part.Number == 2) is { Number: 2 } version ? (int)version.Value : 0);
    });

    private static OnnxModel Read(string path, ReadOnlySpan<byte> file)
    {
        var real = RealPath.Of(path);
        var location = System.IO.Path.GetFileName(real);
        var (model, graph) = (new ProtoWriter(), new ProtoWriter());
        var (nodes, initializers, inputs, outputs) = (new List<OnnxNode>(), new List<OnnxTensor>(), new List<byte[]>(), new List<byte[]>());
        foreach (var field in Proto.Fields(file))
        {
            if (field.Number != GraphField)
            {
                model.Copy(field, file);
                continue;
            }
            foreach (var part in Proto.Fields(file, field.Start, field.Length))
                switch (part.Number)
                {
                    case NodeField:
                        nodes.Add(OnnxNode.Read(part.In(file)));
                        break;
                    case InitializerField:
                        initializers.Add(Relocated(OnnxTensor.Read(file, part.Start, part.Length, location)));
                        break;
                    case InputField:
                        inputs.Add(part.In(file).ToArray());
                        break;
                    case OutputField:
                        outputs.Add(part.In(file).ToArray());
                        break;
                    case ValueInfoField:
                        break;
                    default:
                        graph.Copy(part, file);
                        break;
                }
        }
        return nodes.Count > 0
            ? new(path, model.ToArray(), graph.ToArray(), nodes, initializers, inputs, outputs)
            : throw new EndOfStreamException();

        // What the graph names lies beside the path; it may be a link to somewhere else than beside the file.
        OnnxTensor Relocated(OnnxTensor tensor)
        {
            if (tensor.Bytes is not { } bytes || bytes.Location == location)
                return tensor;
            var beside = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
            var target = RealPath.Of(System.IO.Path.Combine(beside, bytes.Location));
            return tensor with { Bytes = bytes with { Location = System.IO.Path.GetRelativePath(System.IO.Path.GetDirectoryName(real)!, target) } };
        }
    }
}

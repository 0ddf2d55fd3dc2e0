namespace Inference.Onnx.Tests;

/// <summary>A graph with other names for all its nodes, values and weights; only its inputs and outputs keep theirs.</summary>
internal static class RenamedGraph
{
    /// <summary>Renames a model, in memory.</summary>
    public static OnnxModel Of(OnnxModel model)
    {
        var renamed = model.Copy();
        var kept = renamed.Inputs.Concat(renamed.Outputs).Select(value => Proto.Fields(value).First(field => field.Number == 1).Text(value)).ToHashSet();
        var names = new Dictionary<string, string>();
        string Name(string name) => name.Length == 0 || kept.Contains(name) ? name : names.TryGetValue(name, out var known) ? known : names[name] = $"v{names.Count * 7919 % 100_003}";
        for (var i = 0; i < renamed.Nodes.Count; i++)
            renamed.Nodes[i] = Rename(renamed.Nodes[i], Name);
        for (var i = 0; i < renamed.Initializers.Count; i++)
            renamed.Initializers[i] = Rename(renamed.Initializers[i], Name);
        return renamed;
    }

    private static OnnxNode Rename(OnnxNode node, Func<string, string> name) => node with
    {
        Name = "",
        Inputs = [.. node.Inputs.Select(name)],
        Outputs = [.. node.Outputs.Select(name)],
        Attributes = [.. node.Attributes.Select(attribute => Rewrite(attribute, (field, content) => field is { Number: 6, Wire: ProtoField.LengthDelimited } ? Body(content, name) : content))],
    };

    private static OnnxTensor Rename(OnnxTensor tensor, Func<string, string> name) => tensor with
    {
        Name = name(tensor.Name),
        Message = Rewrite(tensor.Message, (field, content) => field.Number == 8 ? System.Text.Encoding.UTF8.GetBytes(name(tensor.Name)) : content),
    };

    // The body of an If: nodes 1, outputs 12.
    private static byte[] Body(byte[] graph, Func<string, string> name) => Rewrite(graph, (field, content) => field.Number switch
    {
        1 => Rename(OnnxNode.Read(content), name).ToBytes(),
        12 => Rewrite(content, (value, text) => value.Number == 1 ? System.Text.Encoding.UTF8.GetBytes(name(System.Text.Encoding.UTF8.GetString(text))) : text),
        _ => content,
    });

    private static byte[] Rewrite(byte[] message, Func<ProtoField, byte[], byte[]> rewrite)
    {
        var writer = new ProtoWriter();
        foreach (var field in Proto.Fields(message))
            if (field.Wire == ProtoField.LengthDelimited)
                writer.Bytes(field.Number, rewrite(field, field.In(message).ToArray()));
            else
                writer.Copy(field, message);
        return writer.ToArray();
    }
}

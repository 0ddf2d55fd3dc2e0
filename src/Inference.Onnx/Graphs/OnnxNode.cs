namespace Inference.Onnx;

/// <summary>A node of a graph (onnx.proto, NodeProto); attributes stay messages.</summary>
internal sealed record OnnxNode(string Name, string Operator, List<string> Inputs, List<string> Outputs, List<byte[]> Attributes)
{
    private const int AttributeField = 5;
    private readonly ProtoWriter _rest = new();

    public static OnnxNode Read(ReadOnlySpan<byte> message)
    {
        var (name, type) = ("", "");
        var (inputs, outputs, attributes, rest) = (new List<string>(), new List<string>(), new List<byte[]>(), new List<ProtoField>());
        foreach (var field in Proto.Fields(message))
            switch (field.Number)
            {
                case 1:
                    inputs.Add(field.Text(message));
                    break;
                case 2:
                    outputs.Add(field.Text(message));
                    break;
                case 3:
                    name = field.Text(message);
                    break;
                case 4:
                    type = field.Text(message);
                    break;
                case AttributeField:
                    attributes.Add(field.In(message).ToArray());
                    break;
                default:
                    rest.Add(field);
                    break;
            }
        var node = new OnnxNode(name, type, inputs, outputs, attributes);
        foreach (var field in rest)
            node._rest.Copy(field, message);
        return node;
    }

    public byte[] ToBytes()
    {
        var message = new ProtoWriter();
        foreach (var input in Inputs)
            message.Text(1, input);
        foreach (var output in Outputs)
            message.Text(2, output);
        message.Text(3, Name).Text(4, Operator);
        foreach (var attribute in Attributes)
            message.Bytes(AttributeField, attribute);
        return [.. message.ToArray(), .. _rest.ToArray()];
    }
}

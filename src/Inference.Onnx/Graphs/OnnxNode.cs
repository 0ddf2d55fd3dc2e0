namespace Inference.Onnx;

/// <summary>A node of a graph (onnx.proto, NodeProto); attributes stay messages.</summary>
internal sealed record OnnxNode(string Name, string Operator, List<string> Inputs, List<string> Outputs, List<byte[]> Attributes)
{
    /// <summary>Domain of the operators that belong to ONNX Runtime.</summary>
    public const string Microsoft = "com.microsoft";

    private const int AttributeField = 5;
    private const int DomainField = 7;
    private const int GraphOfAttribute = 6;
    private const int GraphsOfAttribute = 11;
    private const int NodeOfGraph = 1;
    private readonly ProtoWriter _rest = new();

    /// <summary>Domain of the operator; empty for those of ONNX.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Values that the bodies of an If, Loop or Scan take from around the node, besides <see cref="Inputs"/>.</summary>
    public IEnumerable<string> Captured => Attributes.SelectMany(CapturedBy).Distinct();

    /// <summary>A copy with lists of its own.</summary>
    public OnnxNode Copy() => this with { Inputs = [.. Inputs], Outputs = [.. Outputs], Attributes = [.. Attributes] };

    public static OnnxNode Read(ReadOnlySpan<byte> message)
    {
        var (name, type, domain) = ("", "", "");
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
                case DomainField:
                    domain = field.Text(message);
                    break;
                case AttributeField:
                    attributes.Add(field.In(message).ToArray());
                    break;
                default:
                    rest.Add(field);
                    break;
            }
        var node = new OnnxNode(name, type, inputs, outputs, attributes) { Domain = domain };
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
        if (Domain.Length > 0)
            message.Text(DomainField, Domain);
        return [.. message.ToArray(), .. _rest.ToArray()];
    }

    // A body sees every value around it: what its nodes read and do not make themselves comes from outside, or is one of its own inputs, which no
    // value outside is called.
    private static IEnumerable<string> CapturedBy(byte[] attribute)
    {
        foreach (var graph in Proto.Fields(attribute))
        {
            if (graph.Number is not (GraphOfAttribute or GraphsOfAttribute) || graph.Wire != ProtoField.LengthDelimited)
                continue;
            var nodes = Proto.Fields(attribute, graph.Start, graph.Length).Where(field => field.Number == NodeOfGraph).Select(field => Read(field.In(attribute))).ToArray();
            var made = nodes.SelectMany(node => node.Outputs).ToHashSet();
            foreach (var name in nodes.SelectMany(node => node.Inputs.Concat(node.Captured)))
                if (name.Length > 0 && !made.Contains(name))
                    yield return name;
        }
    }
}

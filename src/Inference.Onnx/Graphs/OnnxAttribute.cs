namespace Inference.Onnx;

/// <summary>Attributes of nodes (onnx.proto, AttributeProto: name 1, f 2, i 3, t 5, ints 8, type 20).</summary>
internal static class OnnxAttribute
{
    private const int NameField = 1;
    private const int FloatField = 2;
    private const int NumberField = 3;
    private const int TensorField = 5;
    private const int NumbersField = 8;
    private const int TypeField = 20;

    public static byte[] Number(string name, long value) => new ProtoWriter().Text(NameField, name).Number(NumberField, (ulong)value).Number(TypeField, 2).ToArray();

    public static byte[] Float(string name, float value) => new ProtoWriter().Text(NameField, name).Single(FloatField, value).Number(TypeField, 1).ToArray();

    public static byte[] Numbers(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new ProtoWriter().Text(NameField, name);
        foreach (var value in values)
            attribute.Number(NumbersField, (ulong)value);
        return attribute.Number(TypeField, 7).ToArray();
    }

    /// <summary>Whether a node has an attribute.</summary>
    public static bool Has(OnnxNode node, string name) => Find(node, name) is not null;

    /// <summary>A whole number of a node's attributes.</summary>
    public static long NumberOf(OnnxNode node, string name, long otherwise) =>
        Find(node, name) is { } attribute && Proto.Fields(attribute).FirstOrDefault(field => field.Number == NumberField) is { Number: NumberField } field ? (long)field.Value : otherwise;

    /// <summary>A number of a node's attributes.</summary>
    public static float FloatOf(OnnxNode node, string name, float otherwise) =>
        Find(node, name) is { } attribute && Proto.Fields(attribute).FirstOrDefault(field => field.Number == FloatField) is { Number: FloatField } field ? BitConverter.ToSingle(field.In(attribute)) : otherwise;

    /// <summary>Whole numbers of a node's attributes; empty where there are none.</summary>
    public static long[] NumbersOf(OnnxNode node, string name) => Find(node, name) is { } attribute
        ? [.. Proto.Fields(attribute).Where(field => field.Number == NumbersField).SelectMany(field => field.Wire == ProtoField.Varint ? [(long)field.Value] : (IEnumerable<long>)OnnxTensor.Packed(field.In(attribute)))]
        : [];

    /// <summary>The tensor of a Constant; null where the node is none.</summary>
    public static OnnxTensor? TensorOf(OnnxNode node) =>
        node.Operator == "Constant" && Find(node, "value") is { } attribute && Proto.Fields(attribute).FirstOrDefault(field => field.Number == TensorField) is { Number: TensorField } field
            ? OnnxTensor.Read(attribute, field.Start, field.Length)
            : null;

    private static byte[]? Find(OnnxNode node, string name) => node.Attributes.Find(attribute => Proto.Fields(attribute).First(field => field.Number == NameField).Text(attribute) == name);
}

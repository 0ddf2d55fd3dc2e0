namespace Inference.TestKit;

/// <summary>Element types of onnx.proto, TensorProto.DataType.</summary>
public enum OnnxType
{
    Float = 1,
    Int32 = 6,
    Half = 10,
    Double = 11,
    Int64 = 7,
}

/// <summary>Writes ONNX graphs of a few nodes, so that tests need no exporter. Dimensions are numbers, or names where they are open.</summary>
public static class TinyGraph
{
    /// <summary>A model file: operators of opset 17.</summary>
    public static byte[] Model(params ReadOnlySpan<byte[]> graph) => Protobuf.Join(
        Protobuf.Number(1, 8),
        Protobuf.Field(8, Protobuf.Field(1, ""), Protobuf.Number(2, 17)),
        Protobuf.Field(7, [Protobuf.Field(2, "tiny"), .. graph]));

    public static byte[] Node(string operation, string[] inputs, string output, params ReadOnlySpan<byte[]> attributes) => Protobuf.Field(
        1, [.. inputs.Select(input => Protobuf.Field(1, input)), Protobuf.Field(2, output), Protobuf.Field(4, operation), .. attributes]);

    public static byte[] Input(string name, OnnxType type, params ReadOnlySpan<object> dimensions) => Protobuf.Field(11, Value(name, type, dimensions));

    public static byte[] Output(string name, OnnxType type, params ReadOnlySpan<object> dimensions) => Protobuf.Field(12, Value(name, type, dimensions));

    /// <summary>A TensorProto of one float whose value lies in another file.</summary>
    public static byte[] ExternalTensor(string name, string location) => Protobuf.Join(
        Protobuf.Number(1, 1),
        Protobuf.Number(2, (ulong)OnnxType.Float),
        Protobuf.Field(8, name),
        Protobuf.Field(13, Protobuf.Field(1, "location"), Protobuf.Field(2, location)),
        Protobuf.Number(14, 1));

    /// <summary>y = x + w, w in an external file.</summary>
    public static byte[] AddExternal(string location) => Model(
        Node("Add", ["x", "w"], "y"), Protobuf.Field(5, ExternalTensor("w", location)), Input("x", OnnxType.Float, 1), Output("y", OnnxType.Float, 1));

    private static byte[] Value(string name, OnnxType type, ReadOnlySpan<object> dimensions)
    {
        var shape = new List<byte[]>();
        foreach (var dimension in dimensions)
            shape.Add(Protobuf.Field(1, dimension is int size ? Protobuf.Number(1, (ulong)size) : Protobuf.Field(2, (string)dimension)));
        return Protobuf.Join(Protobuf.Field(1, name), Protobuf.Field(2, Protobuf.Field(1, Protobuf.Number(1, (ulong)type), Protobuf.Field(2, [.. shape]))));
    }
}

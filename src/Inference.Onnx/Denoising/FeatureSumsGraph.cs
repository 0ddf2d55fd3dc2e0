namespace Inference.Onnx;

/// <summary>The graph of <see cref="FeatureSums"/>: Σₖ weights[i, row, 0, k] · terms.i[row, k, n] for each of some features i, in float32.</summary>
internal static class FeatureSumsGraph
{
    public const string Weights = "weights";
    private const int IrVersion = 8;
    private const int Opset = 17;

    /// <summary>Makes the graph (onnx.proto, ModelProto).</summary>
    /// <param name="features">How many features.</param>
    /// <param name="isHalf">Whether they are float16.</param>
    public static byte[] Of(int features, bool isHalf)
    {
        var graph = new ProtoWriter().Text(2, "sums");
        graph.Message(11, Value(Weights, OnnxTensor.FloatType, "features", "rows", "one", "terms"));
        for (var i = 0; i < features; i++)
        {
            var (type, terms, sum) = (isHalf ? OnnxTensor.HalfType : OnnxTensor.FloatType, TermName(i), SumName(i));
            graph.Bytes(5, OnnxTensor.Inline($"index.{i}", OnnxTensor.LongType, [], (long)i).ToBytes());
            Node("Gather", [Weights, $"index.{i}"], $"weights.{i}");
            if (isHalf)
                Node("Cast", [terms], $"wide.{i}", OnnxAttribute.Number("to", OnnxTensor.FloatType));
            Node("MatMul", [$"weights.{i}", isHalf ? $"wide.{i}" : terms], isHalf ? $"product.{i}" : sum);
            if (isHalf)
                Node("Cast", [$"product.{i}"], sum, OnnxAttribute.Number("to", OnnxTensor.HalfType));
            graph.Message(11, Value(terms, type, "rows", "terms", $"length.{i}"));
            graph.Message(12, Value(sum, type, "rows", "one", $"length.{i}"));
        }
        return new ProtoWriter().Number(1, IrVersion).Message(7, graph).Message(8, new ProtoWriter().Text(1, "").Number(2, Opset)).ToArray();

        void Node(string operation, string[] inputs, string output, params byte[][] attributes) =>
            graph.Bytes(1, new OnnxNode("", operation, [.. inputs], [output], [.. attributes]).ToBytes());
    }

    /// <summary>Name of the tensors that are summed for a feature.</summary>
    public static string TermName(int feature) => $"terms.{feature}";

    /// <summary>Name of a feature's sum.</summary>
    public static string SumName(int feature) => $"sum.{feature}";

    private static ProtoWriter Value(string name, int type, params string[] dimensions)
    {
        var shape = new ProtoWriter();
        foreach (var dimension in dimensions)
            shape.Message(1, new ProtoWriter().Text(2, dimension));
        return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, new ProtoWriter().Number(1, (ulong)type).Message(2, shape)));
    }
}

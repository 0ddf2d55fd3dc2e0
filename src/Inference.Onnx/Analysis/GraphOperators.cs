namespace Inference.Onnx;

/// <summary>What operators mean to the analysis.</summary>
internal static class GraphOperators
{
    /// <summary>Whether a node multiplies by a constant matrix or kernel.</summary>
    public static bool MultipliesByWeight(GraphIndex graph, int node) =>
        graph.Operator(node) is "MatMul" or "Gemm" or "Conv" or "MatMulInteger" or "QLinearMatMul" or "ConvInteger" or "QLinearConv"
            or "MatMulNBits" or "FusedMatMul" or "FusedGemm" or "FusedConv" or "DynamicQuantizeMatMul" or "MatMulIntegerToFloat" or "QGemm"
        && graph.Inputs(node).Any(graph.IsConstant);

    /// <summary>Whether a node hands tokens on as they are: all, some of them, or those of several values one after the other.</summary>
    public static bool CarriesTokens(GraphIndex graph, int node) => graph.Operator(node) is "Concat" || SelectsTokens(graph, node) || Reforms(graph, node);

    /// <summary>Whether a node hands on some of the tokens of its first input.</summary>
    public static bool SelectsTokens(GraphIndex graph, int node) => graph.Operator(node) is "Slice" or "Split" or "Gather" or "Identity" or "Dropout";

    /// <summary>Whether a node changes the form of its first input and not its numbers.</summary>
    public static bool Reforms(GraphIndex graph, int node) => graph.Operator(node) is "Cast" or "Reshape" or "Transpose" or "Squeeze" or "Unsqueeze" or "Flatten";

    /// <summary>Whether a node is the heart of an attention.</summary>
    public static bool Attends(GraphIndex graph, int node) => graph.Operator(node) == "Softmax" || IsWholeAttention(graph, node);

    /// <summary>Whether a node is a whole attention, with inputs query, key and value.</summary>
    public static bool IsWholeAttention(GraphIndex graph, int node) => graph.Operator(node) is "Attention" or "MultiHeadAttention" or "GroupQueryAttention" or "PackedMultiHeadAttention";
}

namespace Inference.Onnx;

/// <summary>
/// Attention as one operator of ONNX Runtime (MultiHeadAttention), which keeps the scores in the cache (Dao et al. 2022, arXiv:2205.14135) and turns no
/// heads around. Scales that the export computes stay as they are, on the queries.
/// </summary>
internal static class FusedAttention
{
    /// <summary>Edits a model in place.</summary>
    /// <returns>Number of attentions fused.</returns>
    public static int Apply(OnnxModel model)
    {
        var patterns = AttentionFinder.Find(model).ToDictionary(pattern => pattern.Result);
        if (patterns.Count == 0)
            return 0;
        var builder = new GraphBuilder(model, "attention");
        foreach (var node in model.Nodes.ToArray())
            if (patterns.TryGetValue(node, out var pattern))
                Write(builder, pattern);
            else
                builder.Add(node);
        builder.Finish();
        return patterns.Count;
    }

    private static void Write(GraphBuilder builder, AttentionPattern pattern)
    {
        var query = Tokens(builder, pattern.Query);
        foreach (var scale in pattern.Scales)
            query = builder.Add("Mul", [query, scale]);
        foreach (var divisor in pattern.Divisors)
            query = builder.Add("Div", [query, divisor]);
        var result = builder.AddMicrosoft(
            "MultiHeadAttention", [query, Tokens(builder, pattern.Key), Tokens(builder, pattern.Value)], OnnxAttribute.Number("num_heads", pattern.Heads), OnnxAttribute.Float("scale", 1));
        builder.Add(new("", "Reshape", [result, builder.Numbers(0, 0, pattern.Heads, -1)], [pattern.Result.Outputs[0]], []));
    }

    // [batch, tokens, heads · width], which is the same memory as [batch, tokens, heads, width].
    private static string Tokens(GraphBuilder builder, HeadsOf heads)
    {
        var apart = heads.IsTransposed ? builder.Add("Transpose", [heads.Source], OnnxAttribute.Numbers("perm", 0, 2, 1, 3)) : heads.Source;
        return builder.Add("Reshape", [apart, builder.Numbers(0, 0, -1)]);
    }
}

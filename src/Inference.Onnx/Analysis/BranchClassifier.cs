namespace Inference.Onnx;

/// <summary>Tells attention, cross-attention, feed-forward and fused branches apart by what lies between the stream and the sum.</summary>
internal sealed class BranchClassifier(GraphIndex graph)
{
    /// <summary>What a branch computes, and the value its attention ends in (null in a feed-forward network).</summary>
    public (BranchKind Kind, string? Attention) Classify(ResidualAdd add)
    {
        var inside = add.Region.ToHashSet();
        var attending = add.Region.Where(node => GraphOperators.Attends(graph, node)).ToArray();
        if (attending.Length == 0)
            return (BranchKind.FeedForward, null);
        var value = add.Ungated(graph);
        var attended = Descendants(add, attending);
        if (AttentionOfFused(value, inside, attended) is { } attention)
            return (BranchKind.Fused, attention);
        // Of several attentions in a branch, the last is the one whose output it is.
        return (ReadsElsewhere(add, attending[^1], inside) ? BranchKind.CrossAttention : BranchKind.Attention, value);
    }

    private HashSet<int> Descendants(ResidualAdd add, int[] attending)
    {
        var descendants = attending.ToHashSet();
        foreach (var node in add.Region)
            if (graph.Inputs(node).Any(input => descendants.Contains(graph.Maker(input))))
                descendants.Add(node);
        return descendants;
    }

    // A fused branch ends in one projection of (attention, feed-forward) side by side.
    private string? AttentionOfFused(string value, HashSet<int> inside, HashSet<int> attended)
    {
        for (var node = graph.Maker(value); node >= 0;)
        {
            string[] dependent = [.. graph.Inputs(node).Where(input => inside.Contains(graph.Maker(input)))];
            if (graph.Operator(node) == "Concat")
            {
                string[] attentions = [.. dependent.Where(input => attended.Contains(graph.Maker(input)))];
                return attentions is [var attention] && dependent.Length > 1 ? attention : null;
            }
            if (dependent is not [var only] || !(GraphOperators.Reforms(graph, node) || GraphOperators.MultipliesByWeight(graph, node) || graph.Operator(node) == "Add"))
                return null;
            node = graph.Maker(only);
        }
        return null;
    }

    // Whether the values that are attended to do not depend on the stream.
    private bool ReadsElsewhere(ResidualAdd add, int attending, HashSet<int> inside)
    {
        bool Depends(string value) => value == add.Stream || inside.Contains(graph.Maker(value));
        if (GraphOperators.IsWholeAttention(graph, attending))
            return graph.Inputs(attending).Count > 1 && !Depends(graph.Inputs(attending)[^1]) && !Depends(graph.Inputs(attending)[1]);
        var scores = graph.Outputs(attending)[0];
        while (true)
        {
            if (graph.Readers(scores) is not [var reader])
                return false;
            if (graph.Operator(reader) is "MatMul" or "Einsum" or "FusedMatMul")
                return graph.Inputs(reader).Any(input => input != scores && !Depends(input));
            if (!(GraphOperators.Reforms(graph, reader) || GraphOperators.SelectsTokens(graph, reader)))
                return false;
            scores = graph.Outputs(reader)[0];
        }
    }
}

namespace Inference.Onnx;

/// <summary>Puts the nodes of a graph into an order in which they can be evaluated. The format asks for it, not every converter keeps to it, and the runtime
/// does not mind.</summary>
internal static class NodeOrder
{
    /// <summary>Edits a model in place; nodes that are in order already stay where they are.</summary>
    public static void Apply(OnnxModel model)
    {
        var makers = new Dictionary<string, OnnxNode>();
        foreach (var node in model.Nodes)
            foreach (var output in node.Outputs)
                makers[output] = node;
        var (ordered, seen) = (new List<OnnxNode>(model.Nodes.Count), new HashSet<OnnxNode>(ReferenceEqualityComparer.Instance));
        foreach (var node in model.Nodes)
            Visit(node);
        model.Nodes.Clear();
        model.Nodes.AddRange(ordered);

        // What a node reads, then the node; with a stack of its own, since chains are long.
        void Visit(OnnxNode last)
        {
            var open = new Stack<(OnnxNode Node, bool IsReady)>([(last, false)]);
            while (open.TryPop(out var next))
                if (next.IsReady)
                {
                    ordered.Add(next.Node);
                }
                else if (seen.Add(next.Node))
                {
                    open.Push((next.Node, true));
                    foreach (var input in next.Node.Inputs.Concat(next.Node.Attributes.Count > 0 ? next.Node.Captured : []).Reverse())
                        if (makers.TryGetValue(input, out var maker) && !seen.Contains(maker))
                            open.Push((maker, false));
                }
        }
    }
}

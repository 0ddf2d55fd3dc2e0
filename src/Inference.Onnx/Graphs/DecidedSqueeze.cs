namespace Inference.Onnx;

/// <summary>
/// Exporters write <c>squeeze(dim)</c> of an unknown dimension as If(dimension = 1, Squeeze, Identity). Where shape inference knows the dimension and
/// it is not 1, the branch that is never taken keeps the runtime from loading the graph; the other branch is all there is.
/// </summary>
internal static class DecidedSqueeze
{
    private const int GraphOfAttribute = 6;
    private const int NodeOfGraph = 1;

    /// <summary>Replaces the If that the runtime's message names by its Identity.</summary>
    /// <returns>Whether there was one of this form.</returns>
    public static bool Apply(OnnxModel model, string message)
    {
        var index = model.Nodes.FindIndex(node => node.Operator == "If" && message.Contains($"Node ({node.Name}) Op (If)", StringComparison.Ordinal));
        if (index < 0 || !message.Contains("Op (Squeeze)", StringComparison.Ordinal))
            return false;
        var (branch, source) = (model.Nodes[index], default(string));
        foreach (var nodes in branch.Attributes.Select(BodyOf))
            if (nodes is [{ Operator: "Identity" } identity])
                source = identity.Inputs[0];
            else if (!nodes.All(node => node.Operator is "Constant" or "Squeeze"))
                return false;
        if (source is null)
            return false;
        model.Nodes[index] = new(branch.Name, "Identity", [source], branch.Outputs, []);
        return true;
    }

    private static OnnxNode[] BodyOf(byte[] attribute)
    {
        var graph = Proto.Fields(attribute).First(field => field.Number == GraphOfAttribute);
        return [.. Proto.Fields(attribute, graph.Start, graph.Length).Where(field => field.Number == NodeOfGraph).Select(field => OnnxNode.Read(field.In(attribute)))];
    }
}

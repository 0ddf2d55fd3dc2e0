using System.Collections.Immutable;

namespace Inference.Onnx;

/// <summary>
/// An addition S + B where B depends on S by way of a weight: a candidate for a residual branch. A tanh-GELU (x + c·x³) has no weight, and a rotary
/// embedding adds two values that do not depend on each other.
/// </summary>
/// <param name="Node">The addition.</param>
/// <param name="Stream">S: what is added to.</param>
/// <param name="Branch">B: what is added.</param>
/// <param name="Region">The nodes by which B depends on S.</param>
internal sealed record ResidualAdd(int Node, string Stream, string Branch, ImmutableArray<int> Region)
{
    /// <summary>All candidates of a graph in order.</summary>
    public static IEnumerable<ResidualAdd> Find(GraphIndex graph)
    {
        for (var node = 0; node < graph.Count; node++)
        {
            if (graph.Operator(node) != "Add" || graph.Inputs(node) is not [var a, var b] || graph.IsConstant(a) || graph.IsConstant(b))
                continue;
            if (Of(graph, node, a, b) is { } found || (found = Of(graph, node, b, a)) is not null)
                yield return found;
        }
    }

    /// <summary>The stream after the branch.</summary>
    public string Sum(GraphIndex graph) => graph.Outputs(Node)[0];

    /// <summary>The branch before its gate: multiplications whose other factor does not depend on the stream are peeled off.</summary>
    public string Ungated(GraphIndex graph)
    {
        var inside = Region.ToHashSet();
        var (value, seen) = (Branch, Branch);
        while (true)
        {
            var maker = graph.Maker(seen);
            string[] dependent = [.. graph.Inputs(maker).Where(input => input == Stream || inside.Contains(graph.Maker(input)))];
            if (dependent is not [var only] || only == Stream)
                return value;
            if (graph.Operator(maker) == "Mul")
                value = only;
            else if (graph.Operator(maker) is not ("Cast" or "Identity"))
                return value;
            seen = only;
        }
    }

    /// <summary>Number of weights the region uses.</summary>
    public long Weights(GraphIndex graph) => Region.Where(node => GraphOperators.MultipliesByWeight(graph, node)).Sum(node => graph.Inputs(node).Sum(graph.WeightsOf));

    private static ResidualAdd? Of(GraphIndex graph, int node, string stream, string branch)
    {
        var region = graph.Between(stream, branch);
        return region.Any(inside => GraphOperators.MultipliesByWeight(graph, inside)) ? new(node, stream, branch, region) : null;
    }
}

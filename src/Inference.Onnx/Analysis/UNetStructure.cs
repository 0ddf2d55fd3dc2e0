using System.Collections.Immutable;

namespace Inference.Onnx;

/// <summary>A skip connection of a U-Net: what comes up from below is joined to what comes across.</summary>
/// <param name="Below">What comes up; it depends on what comes across by way of the deeper part.</param>
/// <param name="Across">What comes across from the way down.</param>
/// <param name="Joint">Both together.</param>
public sealed record SkipConnection(GraphValue Below, GraphValue Across, GraphValue Joint);

/// <summary>The skip connections of a U-Net, found by its data flow alone: a concatenation of two values one of which depends on the other by way of a weight.</summary>
/// <param name="Connections">The connections, the outermost first; none in other networks.</param>
public sealed record UNetStructure(ImmutableArray<SkipConnection> Connections)
{
    /// <summary>Analyses the graph in a file.</summary>
    /// <exception cref="GraphException">The file is missing, truncated or no graph.</exception>
    public static UNetStructure Of(string path) => Of(OnnxModel.Read(path));

    internal static UNetStructure Of(OnnxModel model)
    {
        var graph = new GraphIndex(model);
        var needed = graph.Needed([OnnxModel.NameOf(model.Outputs[0])], new HashSet<string>(), numbersOnly: true);
        return new([.. needed.Reverse().Where(node => graph.Operator(node) == "Concat").Select(node => Find(graph, node)).OfType<SkipConnection>()]);
    }

    private static SkipConnection? Find(GraphIndex graph, int node)
    {
        if (graph.Inputs(node) is not [var a, var b] || graph.Maker(a) < 0 || graph.Maker(b) < 0)
            return null;
        var (below, across) = graph.Maker(a) > graph.Maker(b) ? (a, b) : (b, a);
        return graph.Between(across, below).Any(inside => GraphOperators.MultipliesByWeight(graph, inside))
            ? new(graph.Locate(below), graph.Locate(across), graph.Locate(graph.Outputs(node)[0]))
            : null;
    }
}

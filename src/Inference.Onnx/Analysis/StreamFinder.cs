namespace Inference.Onnx;

/// <summary>A residual addition in its stream.</summary>
/// <param name="Add">The addition.</param>
/// <param name="Before">The additions whose sums it adds to; none where the stream begins.</param>
internal sealed record StreamAdd(ResidualAdd Add, IReadOnlyList<StreamAdd> Before)
{
    /// <summary>Where its streams begin.</summary>
    public IEnumerable<StreamAdd> Entries => Before.Count == 0 ? [this] : Before.SelectMany(before => before.Entries).Distinct();
}

/// <summary>
/// Links residual additions to streams: the sum of one, carried on as it is or in part or beside another, is what the next one adds to. An addition
/// that continues nothing and that nothing continues is no residual stream (attention masks).
/// </summary>
internal static class StreamFinder
{
    /// <summary>The additions that make up residual streams, in order.</summary>
    public static IReadOnlyList<StreamAdd> Find(GraphIndex graph)
    {
        var bySum = new Dictionary<string, StreamAdd>();
        var continued = new HashSet<StreamAdd>();
        var found = new List<StreamAdd>();
        foreach (var add in ResidualAdd.Find(graph))
        {
            var before = new List<StreamAdd>();
            Collect(graph, bySum, add.Stream, before, []);
            continued.UnionWith(before);
            var linked = new StreamAdd(add, before);
            found.Add(linked);
            bySum[add.Sum(graph)] = linked;
        }
        return [.. found.Where(add => add.Before.Count > 0 || continued.Contains(add))];
    }

    private static void Collect(GraphIndex graph, Dictionary<string, StreamAdd> bySum, string value, List<StreamAdd> before, HashSet<string> seen)
    {
        if (!seen.Add(value))
            return;
        if (bySum.TryGetValue(value, out var add))
        {
            if (!before.Contains(add))
                before.Add(add);
        }
        else if (graph.Maker(value) is var maker and >= 0 && GraphOperators.CarriesTokens(graph, maker))
        {
            foreach (var input in graph.Operator(maker) == "Concat" ? graph.Inputs(maker) : graph.Inputs(maker).Take(1))
                Collect(graph, bySum, input, before, seen);
        }
    }
}

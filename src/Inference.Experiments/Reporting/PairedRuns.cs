namespace Inference.Experiments;

/// <summary>Runs of one request by an arm and by the reference.</summary>
internal readonly record struct PairedRuns(ExperimentResult Treated, ExperimentResult Reference)
{
    /// <summary>All pairs, in the order in which they were complete.</summary>
    public static IReadOnlyList<PairedRuns> Of(IEnumerable<ExperimentResult> results, int reference)
    {
        var pairs = new List<PairedRuns>();
        var runs = new Dictionary<long, List<ExperimentResult>>();
        foreach (var result in results)
        {
            if (!runs.TryGetValue(result.Pair, out var same))
                runs.Add(result.Pair, same = []);
            if (result.Arm == reference)
                pairs.AddRange(same.Select(other => new PairedRuns(other, result)));
            else if (same.FirstOrDefault(other => other.Arm == reference) is { } known)
                pairs.Add(new(result, known));
            same.Add(result);
        }
        return pairs;
    }
}

/// <summary>Values of what was assigned: a user's requests are no independent observations, their mean is one.</summary>
internal static class ByUnit
{
    /// <summary>Mean of each unit's values, in the order in which units first came.</summary>
    public static IReadOnlyList<(T Key, double Value)> Means<T>(IEnumerable<(T Key, double? Value)> values)
        where T : notnull
    {
        var (order, sums) = (new List<T>(), new Dictionary<T, (double Sum, int Count)>());
        foreach (var (key, value) in values)
        {
            if (value is not { } number)
                continue;
            if (!sums.TryGetValue(key, out var sum))
                order.Add(key);
            sums[key] = (sum.Sum + number, sum.Count + 1);
        }
        return [.. order.Select(key => (key, sums[key].Sum / sums[key].Count))];
    }
}

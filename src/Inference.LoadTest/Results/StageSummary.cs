namespace Inference.LoadTest;

/// <summary>One stage as the server reports it, over the right answers that report it. Seconds.</summary>
public sealed record StageSummary(string Stage, int Requests, double Mean, double P50, double P95)
{
    /// <summary>Reported stages that are sums, not parts.</summary>
    public const string Total = "total";

    /// <summary>Stages in the server's order, then what the server does not account for: waiting before sending, network, client.</summary>
    internal static IReadOnlyList<StageSummary> Of(RunRecord run)
    {
        var good = run.Measurements.Where(measurement => measurement.Failure is null && measurement.Stages.Count > 0).ToArray();
        var stages = good.SelectMany(measurement => measurement.Stages).GroupBy(stage => stage.Stage)
            .Select(group => Make(group.Key, group.Select(stage => stage.Milliseconds / 1000)));
        // The rest against the server's own total, or the sum of the parts of servers that report none.
        var rest = good.Select(measurement => measurement.Latency.TotalSeconds - ServerSeconds(measurement)).ToArray();
        return rest.Length == 0 ? [] : [.. stages, Make("outside the server", rest)];
    }

    private static double ServerSeconds(Measurement measurement) =>
        (measurement.Stages.Any(stage => stage.Stage == Total)
            ? measurement.Stages.First(stage => stage.Stage == Total).Milliseconds
            : measurement.Stages.Sum(stage => stage.Milliseconds)) / 1000;

    private static StageSummary Make(string stage, IEnumerable<double> seconds)
    {
        var sorted = seconds.Order().ToArray();
        return new(stage, sorted.Length, sorted.Average(), Quantiles.OfSorted(sorted, 0.5), Quantiles.OfSorted(sorted, 0.95));
    }
}

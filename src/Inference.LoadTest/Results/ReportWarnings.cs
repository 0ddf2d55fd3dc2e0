namespace Inference.LoadTest;

/// <summary>What makes the numbers of a run say less than they seem to.</summary>
internal static class ReportWarnings
{
    private const int FewRequests = 100;

    public static IReadOnlyList<string> For(LoadReport report)
    {
        var warnings = new List<string>();
        var overall = report.Overall;
        if (report.Load == LoadKind.ClosedLoop)
            warnings.Add("Closed loop: a slow server was asked less. These latencies leave out the waiting of users who come on their own, and must not be compared with those of an open loop.");
        if (report.Interrupted)
            warnings.Add($"Interrupted after {ReportText.Seconds(report.Window)}; {overall.Unfinished} requests were still running and have no latency.");
        if (report.SendDelay is { Within5Ms: < 0.99 } delay && report.Load == LoadKind.OpenLoop)
            warnings.Add($"Only {ReportText.Percent(delay.Within5Ms)} of the requests left within 5 ms of their times (99 % within {ReportText.Seconds(delay.P99)}): the load test, its machine or the opening of connections was late. That is part of the latencies.");
        if (overall.Failed > 0)
            warnings.Add($"{overall.Failed} of {overall.Requests} requests failed. Latencies are those of right answers; objectives and goodput count failures as missed.");
        if (overall.Succeeded is > 0 and < FewRequests)
            warnings.Add($"Only {overall.Succeeded} right answers: high percentiles rest on a handful of them, and their intervals assume independent requests.");
        if (Backlog(report) is { } running)
            warnings.Add($"More arrived than was answered: {running} requests were running when the arrivals ended. In a longer run latencies would go on growing.");
        return warnings;
    }

    private static int? Backlog(LoadReport report)
    {
        if (report.Load == LoadKind.ClosedLoop || report.Overall.Requests < FewRequests)
            return null;
        var inWindow = report.Series.Where(slice => slice.From + slice.Seconds <= report.Window + 1e-9).ToArray();
        if (inWindow.Length < 4)
            return null;
        var (middle, end) = (inWindow[inWindow.Length / 2].Running, inWindow[^1].Running);
        // Half as much again as in the middle of the run, and more than the scatter of a steady queue explains.
        return end > 1.5 * middle && end > 10 + 3 * Math.Sqrt(middle) ? end : null;
    }
}

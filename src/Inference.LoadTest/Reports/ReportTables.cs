using Inference.Reports;

namespace Inference.LoadTest;

/// <summary>The tables of a report.</summary>
internal static class ReportTables
{
    public static ReportTable Facts(LoadReport report)
    {
        var overall = report.Overall;
        var rows = new List<string[]>
        {
            new[] { "Target", report.Target },
            new[] { "Load", $"{(report.Load == LoadKind.OpenLoop ? "open loop" : "CLOSED LOOP")}: {report.LoadDescription}, {ReportText.Seconds(report.Window)}" },
            new[] { "Mix and seed", $"{report.Mix}; seed {report.Seed}" },
            new[] { "Started", report.Started.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture) },
            new[] { "Requests", $"{overall.Requests}: {overall.Succeeded} right, {overall.Failed} failed, {overall.Unfinished} unfinished" },
            new[] { "Offered", ReportText.Rate(overall.OfferedRate) },
            new[] { "Throughput", ReportText.Rate(overall.Throughput) },
        };
        if (report.Slo is not null)
        {
            rows.Add(["Objective", $"{report.Slo}: {(overall.Attainment is null ? "nothing to judge" : overall.Attainment.Value >= report.Slo.Share ? "kept" : "MISSED")}"]);
            rows.Add(["Attainment", overall.Attainment is null ? "–" : ReportText.Range(overall.Attainment, ReportText.Percent)]);
            rows.Add(["Goodput", ReportText.Rate(overall.Goodput)]);
        }
        if (report.SendDelay is { } delay)
            rows.Add(["Sent late by", $"p50 {ReportText.Seconds(delay.P50)}, p99 {ReportText.Seconds(delay.P99)}, at most {ReportText.Seconds(delay.Max)}; {ReportText.Percent(delay.Within5Ms)} within 5 ms"]);
        return new("Run", ["", ""], rows);
    }

    public static ReportTable Latencies(LoadReport report)
    {
        var note = report.Load == LoadKind.OpenLoop
            ? "From the intended arrival to the last byte, right answers only. Intervals are at 95 %; ? means too few requests to bound it."
            : "From sending to the last byte, right answers only: closed loop. Intervals are at 95 %; ? means too few requests to bound it.";
        var rows = report.Overall.Latency.Select(quantile => Row($"p{quantile.Share * 100:0}", quantile)).ToList();
        rows.AddRange(report.Overall.FirstPicture.Select(quantile => Row($"first picture p{quantile.Share * 100:0}", quantile)));
        if (report.Overall.MeanLatency is not null)
            rows.AddRange([["mean", ReportText.Seconds(report.Overall.MeanLatency), "", ""], ["max", ReportText.Seconds(report.Overall.MaxLatency), "", ""]]);
        return new("Latency", ["", "latency", "from", "to"], rows, note);

        static string[] Row(string name, LatencyQuantile quantile) =>
            [name, ReportText.Seconds(quantile.Seconds.Value), quantile.Seconds.Low is null ? "?" : ReportText.Seconds(quantile.Seconds.Low), quantile.Seconds.High is null ? "?" : ReportText.Seconds(quantile.Seconds.High)];
    }

    public static ReportTable Kinds(LoadReport report) => new(
        "By kind of request",
        ["kind", "requests", "failed", "p50", "p95", "p99", "attainment"],
        [.. report.Kinds.Select(kind => new[]
        {
            kind.Key, $"{kind.Value.Requests}", $"{kind.Value.Failed}", Quantile(kind.Value, 0.5), Quantile(kind.Value, 0.95), Quantile(kind.Value, 0.99),
            ReportText.Percent(kind.Value.Attainment?.Value),
        })]);

    public static ReportTable Stages(LoadReport report) => new(
        "Where the time goes, as the server reports it",
        ["stage", "requests", "mean", "p50", "p95"],
        [.. report.Stages.Select(stage => new[] { stage.Stage, $"{stage.Requests}", ReportText.Seconds(stage.Mean), ReportText.Seconds(stage.P50), ReportText.Seconds(stage.P95) })],
        "The last row is the latency less the server's own total: late sending, network, reading.");

    public static ReportTable Errors(LoadReport report) => new(
        "Errors",
        ["class", "code", "count", "first at", "example"],
        [.. report.Errors.Select(error => new[] { $"{error.Kind}", error.Code, $"{error.Count}", ReportText.Seconds(error.FirstAt), error.Example })]);

    public static ReportTable Search(RateSearchResult search) => new(
        "Search for the highest rate",
        ["rate", "probes", "requests judged", "attainment", "95 % from", "to", "verdict"],
        [.. search.Probes.Select(probe => new[]
        {
            ReportText.Rate(probe.Rate), $"{probe.Runs}", $"{probe.Requests}", ReportText.Percent(probe.Attainment.Value), ReportText.Percent(probe.Attainment.Low), ReportText.Percent(probe.Attainment.High),
            $"{probe.Verdict}".ToLowerInvariant(),
        })],
        $"{ReportText.Conclusion(search)} The rest of this report is about one probe at {ReportText.Rate(search.Best ?? search.Probes.FirstOrDefault()?.Rate)}.");

    private static string Quantile(Summary summary, double share) =>
        ReportText.Seconds(summary.Latency.FirstOrDefault(quantile => quantile.Share == share)?.Seconds.Value);
}

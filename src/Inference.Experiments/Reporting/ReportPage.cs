using System.Globalization;
using Inference.Reports;

namespace Inference.Experiments;

/// <summary>The report as one page that opens anywhere: no scripts, nothing loaded, all text escaped.</summary>
public static class ReportPage
{
    /// <summary>The page as HTML.</summary>
    public static string Render(ExperimentReport report)
    {
        var (experiment, definition) = (report.Experiment, report.Experiment.Definition);
        var page = new HtmlPage($"Experiment {definition.Name}", definition.Name, $"{experiment.Id}, {State(experiment)}");
        foreach (var warning in report.Warnings)
            page.Warning(warning);
        page.Tiles([
            ($"{report.Arms.Sum(arm => arm.Results)}", "results"), ($"{report.Arms[definition.Reference].Pairs}", "pairs"), ($"{report.Votes.Count}", "votes"),
            (Number(100 * (1 - definition.Stop.Alpha)) + " %", "confidence"),
        ]);
        page.Table(ArmsTable(report));
        foreach (var group in report.Differences.GroupBy(difference => (difference.Metric, difference.Kind)).OrderBy(group => group.Key.Kind).ThenBy(group => group.Key.Metric))
            Difference(page, report, Metrics.Of(group.Key.Metric), group.Key.Kind, [.. group]);
        if (report.Quantiles.Count > 0)
            page.Table(QuantilesTable(report));
        if (report.Votes.Count > 0)
            page.Table(VotesTable(report));
        page.Table(new("Arms as defined", ["arm", "weight", "options"], [.. definition.Arms.Select(arm => new[] { arm.Name, Number(arm.Weight), arm.Options })]));
        return page.ToString();
    }

    private static void Difference(HtmlPage page, ExperimentReport report, MetricDescriptor metric, DifferenceKind kind, ArmDifference[] differences)
    {
        var definition = report.Experiment.Definition;
        var reference = definition.Arms[definition.Reference].Name;
        var (title, caption) = kind switch
        {
            DifferenceKind.Paired => ($"{metric.Name}: paired differences", $"Arm minus {reference}, both run on the same request with the same seeds."),
            DifferenceKind.Between => ($"{metric.Name}: between arms", $"Arm minus {reference}, from the different requests that they got by chance."),
            _ => ($"{metric.Name}: likeness to {reference}", $"Of the arm's pictures to those of {reference} from the same seeds; equal pictures, which have no finite PSNR, are counted apart."),
        };
        page.Figure(title, $"{caption} The blue interval may be looked at at any time; the grey one is right for one look at a size that was planned.",
            IntervalPlot.Draw(metric.Unit.Length == 0 ? metric.Name : $"{metric.Name}, {metric.Unit}", [.. differences.Select(difference => (definition.Arms[difference.Arm].Name, difference.Estimate))], kind != DifferenceKind.Similarity));
        page.Table(new("", ["arm", "observations", "mean", "always valid", "one look", ""], [.. differences.Select(difference => new[]
        {
            definition.Arms[difference.Arm].Name, $"{difference.Estimate.Count}", Number(difference.Estimate.Mean), Range(difference.Estimate.Low, difference.Estimate.High),
            Range(difference.Estimate.FixedLow, difference.Estimate.FixedHigh),
            kind == DifferenceKind.Similarity ? "" : difference.Estimate.Low is null ? "too few" : difference.Estimate.ExcludesZero ? "differs" : "no sure difference",
        })]));
    }

    private static ReportTable ArmsTable(ExperimentReport report) => new(
        "Arms", ["arm", "results", "pairs", "p50, ms", "p95, ms", "p99, ms", "service, ms", "evaluations", "in full", "PSNR, dB", "SSIM", "GMSD", "identical"],
        [.. report.Arms.Select(arm => new[]
        {
            report.Experiment.Definition.Arms[arm.Arm].Name + (arm.Arm == report.Experiment.Definition.Reference ? " (reference)" : ""), $"{arm.Results}", $"{arm.Pairs}",
            Quantile(arm, 0), Quantile(arm, 1), Quantile(arm, 2), Number(arm.Means[ComparedMetric.ServiceMs]), Number(arm.Means[ComparedMetric.Evaluations]),
            arm.FullShare is { } share ? $"{Number(100 * share)} %" : "–", Number(arm.Means[ComparedMetric.Psnr]), Number(arm.Means[ComparedMetric.Ssim]), Number(arm.Means[ComparedMetric.Gmsd]), $"{arm.Identical}",
        })],
        "Latency from the request to the encoded pictures, of requests that clients waited for, with bootstrap intervals for one look; ? means too few results to bound it. The rest is means.");

    private static ReportTable QuantilesTable(ExperimentReport report) => new(
        "Latency quantiles against the reference", ["arm", "quantile", "difference, ms", "interval"],
        [.. report.Quantiles.Select(row => new[] { report.Experiment.Definition.Arms[row.Arm].Name, $"p{Number(100 * row.Share)}", Number(row.Estimate.Value), Range(row.Estimate.Low, row.Estimate.High) })],
        "Bootstrap intervals, for one look.");

    private static ReportTable VotesTable(ExperimentReport report) => new(
        "Votes", ["arm", "wins", "losses", "ties", "share of wins", "strength", "interval"],
        [.. report.Votes.Arms.Select((arm, i) => new[]
        {
            report.Experiment.Definition.Arms[i].Name, $"{arm.Wins}", $"{arm.Losses}", $"{arm.Ties}", arm.WinShare is { } share ? $"{Number(100 * share)} %" : "–", Number(arm.Strength), Range(arm.Low, arm.High),
        })],
        report.Votes.Note ?? "Strength: Bradley-Terry log-odds against the reference, ties as half a win for each; the interval is for one look.");

    private static string State(Experiment experiment) => experiment.Reason switch
    {
        null => $"running since {Time(experiment.Created)}",
        StopReason.Difference => $"stopped {Time(experiment.Stopped!.Value)}: a difference is sure",
        StopReason.MaxResults => $"stopped {Time(experiment.Stopped!.Value)}: it has all the results it was to have",
        _ => $"stopped {Time(experiment.Stopped!.Value)}",
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Quantile(ArmSummary arm, int index) => arm.Latency.Count == 0 ? "–" : $"{Number(arm.Latency[index].Estimate.Value)} ({Range(arm.Latency[index].Estimate.Low, arm.Latency[index].Estimate.High)})";

    private static string Range(double? low, double? high) => low is null && high is null ? "–" : $"{(low is null ? "?" : Number(low))} to {(high is null ? "?" : Number(high))}";

    private static string Number(double? value) => value is null ? "–" : value.Value.ToString(Math.Abs(value.Value) switch { >= 1000 => "0", >= 100 => "0.#", >= 1 => "0.##", _ => "0.####" }, CultureInfo.InvariantCulture);
}

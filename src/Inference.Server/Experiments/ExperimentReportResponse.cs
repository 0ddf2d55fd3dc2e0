using Inference.Experiments;

namespace Inference.Server;

/// <summary>The report of an experiment. Intervals <c>low</c> to <c>high</c> of differences hold whenever one looks; <c>fixed_low</c> to <c>fixed_high</c> are right for one look at a planned size.</summary>
public sealed record ExperimentReportResponse(
    string Object, ExperimentResponse Experiment, double Confidence, IReadOnlyList<string> Warnings, IReadOnlyList<ArmReport> Arms, IReadOnlyList<DifferenceReport> Differences,
    IReadOnlyList<QuantileDifferenceReport> QuantileDifferences, VotesReport Votes)
{
    internal static ExperimentReportResponse Of(ExperimentReport report, ExperimentCounts counts)
    {
        var definition = report.Experiment.Definition;
        return new(
            "experiment.report", ExperimentResponse.Of(report.Experiment, counts), 1 - definition.Stop.Alpha, report.Warnings,
            [.. report.Arms.Select(arm => ArmReport.Of(arm, definition))],
            [.. report.Differences.Select(difference => DifferenceReport.Of(difference, definition))],
            [.. report.Quantiles.Select(row => new QuantileDifferenceReport(definition.Arms[row.Arm].Name, "latency_ms", row.Share, row.Estimate.Value, row.Estimate.Low, row.Estimate.High))],
            new(report.Votes.Count, report.Votes.Ties, [.. report.Votes.Arms.Select((arm, i) => new ArmVotesReport(definition.Arms[i].Name, arm.Wins, arm.Losses, arm.Ties, arm.Strength, arm.Low, arm.High, arm.WinShare))], report.Votes.Note));
    }
}

/// <summary>One arm by itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsReference">Whether the others are compared with it.</param>
/// <param name="Results">Runs that clients waited for.</param>
/// <param name="Pairs">Requests of which it and the reference were both run.</param>
/// <param name="Units">Different users or requests among the results.</param>
/// <param name="LatencyMs">p50, p95 and p99 of the results.</param>
/// <param name="Mean">Mean of each metric; null where there is nothing to take one of.</param>
/// <param name="Identical">Pairs whose pictures equal the reference's.</param>
public sealed record ArmReport(
    string Name, bool IsReference, int Results, int Pairs, int Units, IReadOnlyDictionary<string, IntervalReport> LatencyMs, IReadOnlyDictionary<string, double?> Mean, int Identical)
{
    internal static ArmReport Of(ArmSummary arm, ExperimentDefinition definition)
    {
        var mean = Experiments.Metrics.All.ToDictionary(metric => metric.Name, metric => arm.Means[metric.Metric]);
        mean["full_share"] = arm.FullShare;
        return new(
            definition.Arms[arm.Arm].Name, arm.Arm == definition.Reference, arm.Results, arm.Pairs, arm.Units,
            arm.Latency.ToDictionary(entry => FormattableString.Invariant($"p{entry.Share * 100:0}"), entry => new IntervalReport(entry.Estimate.Value, entry.Estimate.Low, entry.Estimate.High)), mean, arm.Identical);
    }
}

/// <summary>A value and its interval; an end that the data cannot give is null.</summary>
public sealed record IntervalReport(double Value, double? Low, double? High);

/// <param name="Arm">Name of the arm.</param>
/// <param name="Metric">What is compared.</param>
/// <param name="Kind">paired, between, or similarity (the value is the likeness itself).</param>
/// <param name="N">Independent observations.</param>
/// <param name="Mean">Arm minus reference.</param>
/// <param name="Low">Lower end that holds whenever one looks; null while there are too few observations.</param>
/// <param name="High">Upper end that does.</param>
/// <param name="FixedLow">Lower end for one look at a planned size.</param>
/// <param name="FixedHigh">Upper end.</param>
/// <param name="Significant">Whether the interval that holds whenever one looks excludes 0; null of similarities.</param>
public sealed record DifferenceReport(string Arm, string Metric, string Kind, int N, double Mean, double? Low, double? High, double? FixedLow, double? FixedHigh, bool? Significant)
{
    internal static DifferenceReport Of(ArmDifference difference, ExperimentDefinition definition)
    {
        var estimate = difference.Estimate;
        return new(
            definition.Arms[difference.Arm].Name, Experiments.Metrics.Of(difference.Metric).Name, difference.Kind.ToString().ToLowerInvariant(), estimate.Count, estimate.Mean, estimate.Low, estimate.High,
            estimate.FixedLow, estimate.FixedHigh, difference.Kind == DifferenceKind.Similarity ? null : estimate.ExcludesZero);
    }
}

/// <summary>Difference of a quantile against the reference, with a bootstrap interval for one look.</summary>
public sealed record QuantileDifferenceReport(string Arm, string Metric, double Quantile, double Value, double? Low, double? High);

/// <summary>Votes; <c>note</c> says why there are no strengths.</summary>
public sealed record VotesReport(int Count, int Ties, IReadOnlyList<ArmVotesReport> Arms, string? Note);

/// <summary>Votes of one arm; <c>strength</c> is its Bradley-Terry log-odds against the reference.</summary>
public sealed record ArmVotesReport(string Name, int Wins, int Losses, int Ties, double? Strength, double? Low, double? High, double? WinShare);

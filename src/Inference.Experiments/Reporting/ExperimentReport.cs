namespace Inference.Experiments;

/// <summary>What an experiment has shown so far.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Arms">Each arm by itself, in the order of the definition.</param>
/// <param name="Differences">Arms against the reference, and how like its pictures theirs are.</param>
/// <param name="Quantiles">Differences of latency quantiles against the reference.</param>
/// <param name="Votes">What people chose.</param>
/// <param name="Warnings">What must be known before the numbers are.</param>
public sealed record ExperimentReport(
    Experiment Experiment, IReadOnlyList<ArmSummary> Arms, IReadOnlyList<ArmDifference> Differences, IReadOnlyList<QuantileDifference> Quantiles, VoteSummary Votes, IReadOnlyList<string> Warnings);

/// <summary>One arm by itself.</summary>
/// <param name="Arm">Its index.</param>
/// <param name="Results">Runs that clients waited for.</param>
/// <param name="Pairs">Requests of which this arm and the reference were both run.</param>
/// <param name="Units">Different users or requests among the results.</param>
/// <param name="Latency">Latency quantiles p50, p95, p99 of the results in ms; empty without results.</param>
/// <param name="Means">Mean of each metric over all runs that have it; null where none has.</param>
/// <param name="FullShare">Mean share of network rows computed in full; null without runs.</param>
/// <param name="Identical">Pairs whose pictures equal the reference's.</param>
public sealed record ArmSummary(
    int Arm, int Results, int Pairs, int Units, IReadOnlyList<(double Share, QuantileEstimate Estimate)> Latency, IReadOnlyDictionary<ComparedMetric, double?> Means, double? FullShare, int Identical);

/// <summary>How an arm differs from the reference.</summary>
/// <param name="Arm">Its index.</param>
/// <param name="Metric">In what.</param>
/// <param name="Kind">From which runs.</param>
/// <param name="Estimate">Arm minus reference; for a similarity, the similarity itself.</param>
/// <param name="IsDeciding">Whether the stop rule looks at it.</param>
public sealed record ArmDifference(int Arm, ComparedMetric Metric, DifferenceKind Kind, MeanEstimate Estimate, bool IsDeciding);

/// <summary>Where a difference comes from.</summary>
public enum DifferenceKind
{
    /// <summary>Both arms ran the same request with the same seeds.</summary>
    Paired,

    /// <summary>Different requests, assigned by chance.</summary>
    Between,

    /// <summary>Pictures of the arm against those of the reference.</summary>
    Similarity,
}

/// <summary>Difference of a latency quantile, arm minus reference, in ms.</summary>
public sealed record QuantileDifference(int Arm, double Share, QuantileEstimate Estimate);

/// <summary>What people chose.</summary>
/// <param name="Count">Votes, ties included.</param>
/// <param name="Ties">Ties.</param>
/// <param name="Arms">Each arm, in the order of the definition.</param>
/// <param name="Note">Why there are no strengths; null when there are.</param>
public sealed record VoteSummary(int Count, int Ties, IReadOnlyList<ArmVotes> Arms, string? Note);

/// <summary>One arm in votes.</summary>
/// <param name="Wins">Votes for it.</param>
/// <param name="Losses">Votes for another against it.</param>
/// <param name="Ties">Ties with it.</param>
/// <param name="Strength">Bradley-Terry log-odds against the reference; null where votes do not determine it.</param>
/// <param name="Low">Lower end of its interval, for one look.</param>
/// <param name="High">Upper end.</param>
/// <param name="WinShare">Wins and half of the ties, of all its votes; null without votes.</param>
public sealed record ArmVotes(int Wins, int Losses, int Ties, double? Strength, double? Low, double? High, double? WinShare);

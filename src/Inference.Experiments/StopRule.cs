namespace Inference.Experiments;

/// <summary>When an experiment ends by itself.</summary>
public sealed record StopRule
{
    /// <summary>The metric whose difference counts.</summary>
    public ComparedMetric Metric { get; init; } = ComparedMetric.ServiceMs;

    /// <summary>Probability, over all looks and arms together, of calling a difference sure that is none.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>Results that every arm has before a difference counts.</summary>
    public int MinResults { get; init; } = 100;

    /// <summary>Results of all arms, those in the background apart, after which it ends in any case.</summary>
    public int MaxResults { get; init; } = 10_000;

    /// <summary>Whether it ends when an arm's difference from the reference is sure.</summary>
    public bool OnDifference { get; init; }

    /// <summary>How many results there are before anybody looks again. Any rule would do: the intervals hold whenever one looks; this one keeps the looking cheap.</summary>
    public static int NextLook(int results) => results + Math.Max(50, results / 50);

    /// <summary>Why the experiment ends now; null when it goes on.</summary>
    public StopReason? Decide(ExperimentReport report)
    {
        if (OnDifference && report.Arms.All(arm => arm.Results >= MinResults) && report.Differences.Any(difference => difference.IsDeciding && difference.Estimate.ExcludesZero))
            return StopReason.Difference;
        return report.Arms.Sum(arm => arm.Results) >= MaxResults ? StopReason.MaxResults : null;
    }
}

namespace Inference.LoadTest;

/// <summary>How the highest rate that keeps an objective is looked for.</summary>
public sealed record RateSearchOptions
{
    public required Slo Slo { get; init; }

    /// <summary>Length of one probe.</summary>
    public required TimeSpan Probe { get; init; }

    /// <summary>First rate tried, requests a second.</summary>
    public double FirstRate { get; init; } = 1;

    /// <summary>The search ends when the bounds are this close: upper over lower.</summary>
    public double Resolution { get; init; } = 1.1;

    /// <summary>Most probes, repetitions included.</summary>
    public int MaxProbes { get; init; } = 16;

    /// <summary>Times an undecided rate is probed before its share alone decides the direction.</summary>
    public int Repetitions { get; init; } = 3;

    /// <exception cref="LoadTestException">Something is out of range; all of it is named.</exception>
    public RateSearchOptions Validated()
    {
        var problems = new List<string>();
        if (FirstRate is not (> 0 and <= Arrivals.MaxRate))
            problems.Add(FormattableString.Invariant($"the first rate must be above 0 and at most {Arrivals.MaxRate} requests a second, not {FirstRate}"));
        if (Probe < TimeSpan.FromSeconds(1))
            problems.Add($"a probe must last at least 1 s, not {Units.Format(Probe)}");
        if (Resolution is not (> 1 and <= 2))
            problems.Add(FormattableString.Invariant($"the resolution must be above 1 and at most 2, not {Resolution}"));
        if (MaxProbes < 2)
            problems.Add($"at least 2 probes are needed, not {MaxProbes}");
        if (Repetitions < 1)
            problems.Add($"every rate must be probed at least once, not {Repetitions} times");
        return problems.Count == 0 ? this : throw new LoadTestException(problems);
    }
}

namespace Inference.LoadTest;

/// <summary>What a rate was found to be.</summary>
public enum RateVerdict
{
    /// <summary>The whole interval of the attainment lies at or above the objective's share.</summary>
    Holds,

    /// <summary>The whole interval lies below it.</summary>
    Fails,

    /// <summary>The interval covers it.</summary>
    Undecided,
}

/// <summary>A rate that was tried.</summary>
/// <param name="Rate">Requests a second.</param>
/// <param name="Runs">Probes of it.</param>
/// <param name="Requests">Requests judged: those after the first fifth of a probe, in which queues are still filling.</param>
/// <param name="Attainment">Share of them that met the objective.</param>
/// <param name="Verdict">At 95 % confidence for this rate by itself.</param>
public sealed record RateProbe(double Rate, int Runs, int Requests, Estimate Attainment, RateVerdict Verdict);

/// <summary>What a search found. Requests a second.</summary>
/// <param name="Slo">The objective.</param>
/// <param name="Best">Highest rate tried that keeps the objective by its share; null when none did.</param>
/// <param name="SureBelow">Highest rate tried that holds at 95 % confidence; null when none did.</param>
/// <param name="SureAbove">Lowest rate tried that fails at 95 % confidence; null when none did.</param>
/// <param name="Probes">By rate, ascending.</param>
/// <param name="Complete">Whether the bounds came as close as asked; not when interrupted, or the probes ran out.</param>
public sealed record RateSearchResult(Slo Slo, double? Best, double? SureBelow, double? SureAbove, IReadOnlyList<RateProbe> Probes, bool Complete);

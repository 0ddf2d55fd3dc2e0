namespace Inference.LoadTest;

/// <summary>Everything a report says. Seconds, and requests a second.</summary>
public sealed record LoadReport
{
    /// <summary>Address of the endpoint.</summary>
    public required string Target { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required LoadKind Load { get; init; }

    /// <summary>The arrival process or the clients.</summary>
    public required string LoadDescription { get; init; }

    public required string Mix { get; init; }

    public required long Seed { get; init; }

    /// <summary>Null when none was asked for.</summary>
    public required Slo? Slo { get; init; }

    /// <summary>Length of the time in which requests were sent.</summary>
    public required double Window { get; init; }

    public required bool Interrupted { get; init; }

    /// <summary>What a reader must know before trusting the numbers.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    public required Summary Overall { get; init; }

    /// <summary>By kind of request.</summary>
    public required IReadOnlyDictionary<string, Summary> Kinds { get; init; }

    public required IReadOnlyList<TimeSlice> Series { get; init; }

    public required IReadOnlyList<ErrorClass> Errors { get; init; }

    /// <summary>Empty when the server reports no times.</summary>
    public required IReadOnlyList<StageSummary> Stages { get; init; }

    /// <summary>Null when nothing was sent.</summary>
    public required SendDelay? SendDelay { get; init; }

    /// <summary>The search for the highest rate; the rest is then about a probe at that rate. Null when nothing was searched.</summary>
    public required RateSearchResult? Search { get; init; }

    public required IReadOnlyList<RequestRow> Requests { get; init; }

    /// <summary>Draws the conclusions from a run.</summary>
    public static LoadReport Of(RunRecord run, ReportHeader header, RateSearchResult? search = null)
    {
        var slo = search?.Slo ?? header.Slo;
        var report = new LoadReport
        {
            Target = header.Target.GetLeftPart(UriPartial.Path),
            Started = header.Started,
            Load = run.Kind,
            LoadDescription = run.Description,
            Mix = header.Mix,
            Seed = header.Seed,
            Slo = slo,
            Window = run.Window.TotalSeconds,
            Interrupted = run.Interrupted,
            Warnings = [],
            Overall = Summaries.Of(run, slo),
            Kinds = Summaries.ByKind(run, slo),
            Series = TimeSeries.Of(run, slo),
            Errors = ErrorClass.Of(run),
            Stages = StageSummary.Of(run),
            SendDelay = SendDelay.Of(run),
            Search = search,
            Requests = [.. run.Measurements.Select(measurement => new RequestRow(
                measurement.Index, measurement.Kind, measurement.Intended.TotalSeconds, measurement.Sent?.TotalSeconds, measurement.Completed.TotalSeconds, measurement.Failure?.Code))],
        };
        return report with { Warnings = ReportWarnings.For(report) };
    }
}

/// <summary>What a report says about how it was made.</summary>
/// <param name="Target">The endpoint; its query, which may hold a key, is left out of reports.</param>
public sealed record ReportHeader(Uri Target, DateTimeOffset Started, string Mix, long Seed, Slo? Slo);

/// <summary>One request, seconds from the start of the run.</summary>
/// <param name="Failure">Code of the failure; null for a right answer.</param>
public sealed record RequestRow(int Index, string Kind, double Intended, double? Sent, double Completed, string? Failure);

namespace Inference.LoadTest;

/// <summary>What a run, or one kind of its requests, came to. Seconds and requests a second.</summary>
public sealed record Summary
{
    /// <summary>Requests whose intended arrival lay in the run.</summary>
    public required int Requests { get; init; }

    public required int Succeeded { get; init; }

    public required int Failed { get; init; }

    /// <summary>Running when the run was stopped; in no other number but <see cref="Attainment"/>, where those already too late count as missed.</summary>
    public required int Unfinished { get; init; }

    /// <summary>Arrivals a second of the window.</summary>
    public required double OfferedRate { get; init; }

    /// <summary>Right answers that came within the window, a second of it.</summary>
    public required double Throughput { get; init; }

    /// <summary>Requests that met the objective, a second of the window; null without an objective.</summary>
    public required double? Goodput { get; init; }

    /// <summary>Share of requests that met the objective, failures as misses; null without an objective or requests.</summary>
    public required Estimate? Attainment { get; init; }

    /// <summary>Mean latency of right answers; null when there are none.</summary>
    public required double? MeanLatency { get; init; }

    /// <summary>Latency of right answers by quantile; empty when there are none.</summary>
    public required IReadOnlyList<LatencyQuantile> Latency { get; init; }

    /// <summary>Time to the first picture of streams, by quantile; empty when nothing was streamed.</summary>
    public required IReadOnlyList<LatencyQuantile> FirstPicture { get; init; }

    /// <summary>Largest latency of right answers; null when there are none.</summary>
    public required double? MaxLatency { get; init; }
}

/// <summary>A quantile of latency in seconds.</summary>
/// <param name="Share">In (0, 1): 0.95 for p95.</param>
public sealed record LatencyQuantile(double Share, Estimate Seconds);

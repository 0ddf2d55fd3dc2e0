namespace Inference.LoadTest;

/// <summary>Makes summaries from measurements.</summary>
internal static class Summaries
{
    private static readonly double[] QuantileShares = [0.5, 0.9, 0.95, 0.99];

    public static Summary Of(RunRecord run, Slo? slo) => Of(run.Measurements, run.Unfinished, run.Window, slo);

    /// <summary>One summary for each kind of request, by name.</summary>
    public static IReadOnlyDictionary<string, Summary> ByKind(RunRecord run, Slo? slo)
    {
        var kinds = run.Measurements.Select(measurement => measurement.Kind).Concat(run.Unfinished.Select(unfinished => unfinished.Kind)).Distinct().Order(StringComparer.Ordinal);
        return kinds.ToDictionary(kind => kind, kind => Of(
            [.. run.Measurements.Where(measurement => measurement.Kind == kind)], [.. run.Unfinished.Where(unfinished => unfinished.Kind == kind)], run.Window, slo));
    }

    /// <summary>Whether each request met the objective, in time order; unfinished ones that may still have are left out.</summary>
    public static IReadOnlyList<bool> Hits(IEnumerable<Measurement> measurements, IEnumerable<Unfinished> unfinished, Slo slo) =>
        [.. measurements.Select(measurement => (measurement.Intended, Hit: measurement.Meets(slo)))
            .Concat(unfinished.Where(request => request.Age > slo.Within).Select(request => (request.Intended, Hit: false)))
            .OrderBy(request => request.Intended).Select(request => request.Hit)];

    private static Summary Of(IReadOnlyList<Measurement> measurements, IReadOnlyList<Unfinished> unfinished, TimeSpan window, Slo? slo)
    {
        var good = measurements.Where(measurement => measurement.Failure is null).ToArray();
        var latencies = good.Select(measurement => measurement.Latency.TotalSeconds).ToArray();
        var first = good.Where(measurement => measurement.FirstPicture is not null).Select(measurement => (measurement.FirstPicture!.Value - measurement.Intended).TotalSeconds).ToArray();
        var hits = slo is null ? [] : Hits(measurements, unfinished, slo);
        var seconds = Math.Max(window.TotalSeconds, 1e-9);
        return new()
        {
            Requests = measurements.Count + unfinished.Count,
            Succeeded = good.Length,
            Failed = measurements.Count - good.Length,
            Unfinished = unfinished.Count,
            OfferedRate = (measurements.Count + unfinished.Count) / seconds,
            Throughput = good.Count(measurement => measurement.Completed <= window) / seconds,
            Goodput = slo is null ? null : measurements.Count(measurement => measurement.Meets(slo)) / seconds,
            Attainment = hits.Count == 0 ? null : Shares.Of(hits),
            MeanLatency = latencies.Length == 0 ? null : latencies.Average(),
            Latency = QuantilesOf(latencies),
            FirstPicture = QuantilesOf(first),
            MaxLatency = latencies.Length == 0 ? null : latencies.Max(),
        };
    }

    private static LatencyQuantile[] QuantilesOf(double[] seconds) => seconds.Length == 0 ? [] : [.. QuantileShares.Select(share => new LatencyQuantile(share, Quantiles.Of(seconds, share)))];
}

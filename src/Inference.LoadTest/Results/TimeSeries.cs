namespace Inference.LoadTest;

/// <summary>One slice of a run.</summary>
/// <param name="From">Start, seconds from the start of the run.</param>
/// <param name="Seconds">Length.</param>
/// <param name="Arrivals">Intended arrivals in it.</param>
/// <param name="Completions">Right answers that came in it.</param>
/// <param name="Good">Arrivals in it that met the objective; null without one.</param>
/// <param name="Failures">Failures that came in it.</param>
/// <param name="Running">Requests running at its end, counted from their intended arrivals.</param>
/// <param name="P50">Median latency in seconds of its arrivals' right answers; null when there are none.</param>
/// <param name="P95">The same for p95.</param>
public sealed record TimeSlice(double From, double Seconds, int Arrivals, int Completions, int? Good, int Failures, int Running, double? P50, double? P95);

/// <summary>Cuts runs into slices.</summary>
internal static class TimeSeries
{
    private const int MostSlices = 60;

    private static readonly double[] Widths = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600];

    public static IReadOnlyList<TimeSlice> Of(RunRecord run, Slo? slo)
    {
        var end = Math.Max(run.Window.TotalSeconds, run.Measurements.Count == 0 ? 0 : run.Measurements.Max(measurement => measurement.Completed.TotalSeconds));
        var width = Widths.FirstOrDefault(width => end / width <= MostSlices, Widths[^1]);
        var slices = new TimeSlice[Math.Max(1, (int)Math.Ceiling(end / width))];
        var byArrival = run.Measurements.ToLookup(measurement => Slice(measurement.Intended));
        var byCompletion = run.Measurements.ToLookup(measurement => Slice(measurement.Completed));
        var unfinished = run.Unfinished.ToLookup(request => Slice(request.Intended));
        var running = 0;
        for (var i = 0; i < slices.Length; i++)
        {
            var arrived = byArrival[i].Count() + unfinished[i].Count();
            running += arrived - byCompletion[i].Count();
            var latencies = byArrival[i].Where(measurement => measurement.Failure is null).Select(measurement => measurement.Latency.TotalSeconds).Order().ToArray();
            slices[i] = new(
                i * width, width, arrived,
                byCompletion[i].Count(measurement => measurement.Failure is null),
                slo is null ? null : byArrival[i].Count(measurement => measurement.Meets(slo)),
                byCompletion[i].Count(measurement => measurement.Failure is not null),
                running,
                latencies.Length == 0 ? null : Quantiles.OfSorted(latencies, 0.5),
                latencies.Length == 0 ? null : Quantiles.OfSorted(latencies, 0.95));
        }
        return slices;

        int Slice(TimeSpan at) => Math.Min((int)(at.TotalSeconds / width), Math.Max(0, (int)Math.Ceiling(end / width) - 1));
    }
}

using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>Denoising time of one request alone. In every round each setting runs between two plain runs, whose mean it is compared with, so that what
/// else the machine does meets both.</summary>
internal static class CachingSpeed
{
    public static async Task<IReadOnlyList<CachingMeasurement>> MeasureAsync(DiffusionPipeline pipeline, IReadOnlyList<CachingMeasurement> measurements, int rounds)
    {
        var times = measurements.Select(_ => (Own: new List<double>(), Ratio: new List<double>(), Skipped: new List<double>())).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            var before = await TimeAsync(measurements[0].Setting, round);
            for (var i = 0; i < measurements.Count; i++)
            {
                var own = await TimeAsync(measurements[i].Setting, round);
                var after = await TimeAsync(measurements[0].Setting, round);
                times[i].Own.Add(own.Milliseconds);
                times[i].Ratio.Add((before.Milliseconds + after.Milliseconds) / 2 / own.Milliseconds);
                if (own.Skipped is { } skipped)
                    times[i].Skipped.Add(2 * skipped / (before.Full + after.Full)!.Value);
                before = after;
            }
        }
        return [.. measurements.Select((measurement, i) => measurement with
        {
            Milliseconds = Percentiles.Of(times[i].Own, 0.5),
            Speed = Percentiles.Of(times[i].Ratio, 0.5),
            SkippedStep = times[i].Skipped.Count == 0 ? null : Percentiles.Of(times[i].Skipped, 0.5),
        })];

        async Task<(double Milliseconds, double? Full, double? Skipped)> TimeAsync(CachingSetting setting, int prompt)
        {
            var steps = new StepTimes();
            var image = (await pipeline.GenerateAsync(CachingQuality.Request(setting, prompt % CachingPrompts.All.Count), new(), steps, default)).Images[0];
            return (image.DenoiseTime.TotalMilliseconds, steps.Mean(image.Cache?.FullSteps, isFull: true), steps.Mean(image.Cache?.FullSteps, isFull: false));
        }
    }
}

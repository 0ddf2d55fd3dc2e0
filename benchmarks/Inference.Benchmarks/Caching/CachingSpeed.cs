using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>Denoising time of one request alone. In every round each setting runs between two plain runs, whose mean it is compared with, so that what
/// else the machine does meets both.</summary>
internal static class CachingSpeed
{
    public static async Task<IReadOnlyList<CachingMeasurement>> MeasureAsync(DiffusionPipeline pipeline, IReadOnlyList<CachingMeasurement> measurements, int rounds)
    {
        var times = measurements.Select(_ => (Own: new List<double>(), Ratio: new List<double>())).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            var before = await TimeAsync(measurements[0].Setting, round);
            for (var i = 0; i < measurements.Count; i++)
            {
                var own = await TimeAsync(measurements[i].Setting, round);
                var after = await TimeAsync(measurements[0].Setting, round);
                times[i].Own.Add(own);
                times[i].Ratio.Add((before + after) / 2 / own);
                before = after;
            }
        }
        return [.. measurements.Select((measurement, i) => measurement with { Milliseconds = Percentiles.Of(times[i].Own, 0.5), Speed = Percentiles.Of(times[i].Ratio, 0.5) })];

        async Task<double> TimeAsync(CachingSetting setting, int prompt) =>
            (await pipeline.GenerateAsync(CachingQuality.Request(setting, prompt % CachingPrompts.All.Count), new(), null, default)).Images[0].DenoiseTime.TotalMilliseconds;
    }
}

using Inference.Pipelines;
using Inference.TestKit;

namespace Inference.Benchmarks;

/// <summary>Runs every setting on every prompt, one picture alone, and compares: same prompts, same seeds.</summary>
internal static class ParallelQuality
{
    private const int FlatRows = 64;

    public static async Task<IReadOnlyList<ParallelMeasurement>> MeasureAsync(DiffusionPipeline pipeline, IReadOnlyList<ParallelSetting> settings, IReadOnlyList<RgbImage> exact)
    {
        var measurements = new List<ParallelMeasurement>();
        IReadOnlyList<GeneratedImage>? plain = null;
        foreach (var setting in settings)
        {
            var images = await RunAsync(pipeline, setting, exact.Count);
            plain ??= images;
            measurements.Add(new(
                setting, images.Average(image => image.Parallel?.Iterations ?? image.Evaluations), images.Average(image => image.Met.Count), images.Average(image => image.Evaluations),
                plain == images ? double.PositiveInfinity : plain.Zip(images, (a, b) => ImageQuality.Psnr(a.Image, b.Image)).Average(),
                exact.Zip(images, (a, b) => ImageQuality.Psnr(a, b.Image)).Average(), Percentiles.Of([.. images.Select(image => image.DenoiseTime.TotalMilliseconds)], 0.5),
                images.Average(image => Device(image, rows => SimulatedCost.Batching.Of(rows).TotalMilliseconds)), images.Average(image => Device(image, rows => 6 * ((rows + FlatRows - 1) / FlatRows)))));
            var last = measurements[^1];
            Console.WriteLine(FormattableString.Invariant(
                $"{setting.Steps,3} steps  {setting.Series,-36} {setting.Name,-40} {last.Iterations,5:F1} iterations {last.Evaluations,6:F1} evaluations  {last.Psnr,6:F2} dB  {last.Accuracy,6:F2} dB exact  {last.Milliseconds,6:F0} ms"));
        }
        return measurements;
    }

    /// <summary>The pictures of a setting.</summary>
    public static async Task<IReadOnlyList<GeneratedImage>> RunAsync(DiffusionPipeline pipeline, ParallelSetting setting, int prompts)
    {
        var images = new List<GeneratedImage>();
        for (var i = 0; i < prompts; i++)
            images.Add((await pipeline.GenerateAsync(setting.Request(i), new(), null, default)).Images[0]);
        return images;
    }

    // Alone, a request's batches are its own groups one after the other: virtual time is their sum.
    private static double Device(GeneratedImage image, Func<int, double> cost) => image.Met.BySize.Sum(batches => batches.Value * cost(batches.Key));
}

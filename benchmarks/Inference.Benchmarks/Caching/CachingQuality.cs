using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>Pictures of every setting against those of the plain run: same prompts, same seeds.</summary>
internal static class CachingQuality
{
    private const int SheetPictures = 8;

    public static async Task<IReadOnlyList<CachingMeasurement>> MeasureAsync(DiffusionPipeline pipeline, IReadOnlyList<CachingSetting> settings, int prompts)
    {
        var measurements = new List<CachingMeasurement>();
        RgbImage[]? plain = null;
        foreach (var setting in settings)
        {
            // Side by side, which is faster and changes nothing but rounding.
            var images = await Task.WhenAll(Enumerable.Range(0, prompts).Select(async i => (await pipeline.GenerateAsync(Request(setting, i), new(), null, default)).Images[0]));
            var pictures = images.Select(image => image.Image).ToArray();
            plain ??= pictures;
            measurements.Add(new(
                setting, images.Average(image => image.Cache is { } cache ? cache.FullShare * setting.Steps : image.Evaluations), images[0].Cache?.Bytes ?? 0,
                plain == pictures ? double.PositiveInfinity : plain.Zip(pictures, ImageQuality.Psnr).Average(),
                plain.Zip(pictures, StructuralSimilarity.Of).Average(), pictures[..Math.Min(SheetPictures, prompts)])
            {
                LowestPsnr = plain.Zip(pictures, ImageQuality.Psnr).Min(),
                Policy = images[0].Cache?.Policy,
            });
            Console.WriteLine(FormattableString.Invariant($"{setting.Steps,3} steps  {setting.Series,-30} {setting.Name,-6} {measurements[^1].FullEvaluations,5:F1} full  {measurements[^1].Psnr,6:F2} dB  SSIM {measurements[^1].Ssim:F4}"));
        }
        return measurements;
    }

    /// <summary>The request of a prompt.</summary>
    public static GenerationRequest Request(CachingSetting setting, int prompt) =>
        new() { Prompt = CachingPrompts.All[prompt], Seed = prompt, Steps = setting.Steps, GuidanceScale = 4, Cache = setting.Cache, CachePreset = setting.Preset };
}

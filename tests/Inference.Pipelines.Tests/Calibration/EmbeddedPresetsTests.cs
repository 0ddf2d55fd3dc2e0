using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Pipelines.Tests;

/// <summary>The presets that come with the embedded model, on prompts that calibration did not see; <c>benchmarks presets</c> does it with 32 and more step counts.</summary>
public sealed class EmbeddedPresetsTests(ITestOutputHelper output)
{
    private const int Steps = 20;

    // The mean over so few prompts is not the mean.
    private const double Spread = 2;

    private static readonly string[] Prompts = ["a key", "an umbrella on a blue background", "a green tree on white, 3d render", "a pizza", "a house", "a guitar on a blue background"];

    [Fact]
    public async Task Presets_ReachTheirTargets_WithLessWork()
    {
        using var host = TestPipelines.Host();
        using var pipeline = DiffusionPipeline.Load(Repository.PathOf("models", "pictogram-128"), host);
        // Made by 'inference calibrate pictogram-128' for these very files.
        Assert.Equal([Steps, 50], pipeline.Calibration!.Runs.Select(run => run.Steps));
        var plain = await GenerateAsync(pipeline, "exact");
        foreach (var (name, target) in CachePreset.Targets)
        {
            var images = await GenerateAsync(pipeline, name);
            var psnr = plain.Zip(images, (expected, actual) => ImageQuality.Psnr(expected.Image, actual.Image)).Average();
            var share = images.Average(image => image.Cache!.FullShare);
            output.WriteLine($"{name}: {images[0].Cache!.Policy}, {share:P0} in full, {psnr:F1} dB");
            Assert.True(psnr >= target - Spread, $"{name}: {psnr:F1} dB, less than {target} - {Spread}");
            Assert.InRange(share, 0.1, 0.8);
        }
    }

    private static async Task<GeneratedImage[]> GenerateAsync(DiffusionPipeline pipeline, string preset) =>
        await Task.WhenAll(Prompts.Select(async (prompt, i) => (await pipeline.GenerateAsync(new() { Prompt = prompt, Seed = 100 + i, Steps = Steps, CachePreset = preset }, new(), null, default)).Images[0]));
}

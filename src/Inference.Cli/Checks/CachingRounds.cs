using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>Feature caching of one request alone against the plain run, in turns.</summary>
internal static class CachingRounds
{
    // Equal pictures are infinitely good, which no mean and no JSON can hold.
    private const double LargestPsnr = 200;

    private static readonly string[] Policies = ["taylorseer", "fora"];

    public static async Task<IReadOnlyList<CacheCheck>> RunAsync(DiffusionPipeline pipeline, DeviceCheckPlan plan, CancellationToken cancellationToken)
    {
        CacheRequest?[] settings = [null, .. Policies.Select(policy => new CacheRequest(policy, new Dictionary<string, object>()))];
        var times = settings.Select(_ => new List<double>()).ToArray();
        var qualities = settings.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < plan.Rounds; round++)
        {
            GeneratedImage? plain = null;
            for (var i = 0; i < settings.Length; i++)
            {
                var image = (await pipeline.GenerateAsync(new() { Prompt = CheckPrompts.At(Math.Max(0, round)), Seed = Math.Max(0, round), Steps = plan.Steps, Cache = settings[i] }, new(), null, cancellationToken)).Images[0];
                plain ??= image;
                // The first round derives and opens graphs.
                if (round < 0)
                    continue;
                times[i].Add(image.DenoiseTime.TotalMilliseconds);
                qualities[i].Add(ImageQuality.Psnr(plain.Image, image.Image));
            }
        }
        return [.. settings.Select((setting, i) => new CacheCheck(
            setting?.Policy ?? "", Median(times[i]), Median([.. times[0].Zip(times[i], (full, cached) => full / cached)]), setting is null ? null : qualities[i].Select(value => Math.Min(value, LargestPsnr)).Average()))];
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

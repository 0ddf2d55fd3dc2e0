using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>Picard windows (ParaDiGMS) of one request alone against the plain run of the same sampler, in turns: time on the clock.</summary>
internal static class ParallelRounds
{
    private const string Sampler = "ddim";
    private const string Method = "picard";
    private const double LargestPsnr = 200;
    private static readonly int[] Windows = [8, 16, 32];

    public static async Task<IReadOnlyList<ParallelCheck>> RunAsync(DiffusionPipeline pipeline, DeviceCheckPlan plan, CancellationToken cancellationToken)
    {
        ParallelRequest?[] settings = [null, .. Windows.Select(window => new ParallelRequest(Method, new Dictionary<string, object> { ["window"] = (double)window }))];
        var times = settings.Select(_ => new List<double>()).ToArray();
        var qualities = settings.Select(_ => new List<double>()).ToArray();
        var iterations = settings.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < plan.Rounds; round++)
        {
            GeneratedImage? plain = null;
            for (var i = 0; i < settings.Length; i++)
            {
                var image = (await pipeline.GenerateAsync(
                    new() { Prompt = CheckPrompts.At(Math.Max(0, round)), Seed = Math.Max(0, round), Steps = plan.Steps, Sampler = Sampler, Parallel = settings[i] }, new(), null, cancellationToken)).Images[0];
                plain ??= image;
                // The first round binds buffers.
                if (round < 0)
                    continue;
                times[i].Add(image.DenoiseTime.TotalMilliseconds);
                qualities[i].Add(Math.Min(LargestPsnr, ImageQuality.Psnr(plain.Image, image.Image)));
                iterations[i].Add(image.Parallel?.Iterations ?? plan.Steps);
            }
        }
        return [.. settings.Select((setting, i) => new ParallelCheck(
            setting is null ? null : Windows[i - 1], iterations[i].Average(), Median(times[i]), Median([.. times[0].Zip(times[i], (plain, windowed) => plain / windowed)]), setting is null ? null : qualities[i].Average()))];
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

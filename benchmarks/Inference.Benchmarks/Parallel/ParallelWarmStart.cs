using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Benchmarks;

/// <summary>ParaTAA from noise against ParaTAA from the run of a similar prompt: the same thing on another background, the same seed.</summary>
/// <param name="Steps">Denoising steps.</param>
/// <param name="Cold">Iterations from noise.</param>
/// <param name="Warm">Iterations from the former run, all steps.</param>
/// <param name="Variation">Iterations when the last half of the steps is run.</param>
/// <param name="Psnr">PSNR of the warm picture to the plain one, dB.</param>
internal sealed record ParallelWarmStart(int Steps, double Cold, double Warm, double Variation, double Psnr)
{
    public static async Task<ParallelWarmStart> MeasureAsync(DiffusionPipeline pipeline, int steps, int prompts)
    {
        var (cold, warm, variation, psnr) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < prompts; i++)
        {
            var other = i + CachingPrompts.All.Count / 2;
            var former = await RunAsync(pipeline, steps, other, i, ("keep", true));
            var first = await RunAsync(pipeline, steps, i, i);
            var second = await RunAsync(pipeline, steps, i, i, ("warm_start", former.Run!));
            var third = await RunAsync(pipeline, steps, i, i, ("warm_start", former.Run!), ("variation_steps", steps / 2.0));
            cold += (double)first.Parallel!.Iterations / prompts;
            warm += (double)second.Parallel!.Iterations / prompts;
            variation += (double)third.Parallel!.Iterations / prompts;
            psnr += ImageQuality.Psnr(first.Image, second.Image) / prompts;
        }
        return new(steps, cold, warm, variation, psnr);
    }

    private static async Task<GeneratedImage> RunAsync(DiffusionPipeline pipeline, int steps, int prompt, int seed, params (string Name, object Value)[] options)
    {
        var all = options.Append(("window", (double)steps)).Append(("order", (double)steps)).ToDictionary(option => option.Item1, option => option.Item2);
        var request = new GenerationRequest { Prompt = CachingPrompts.All[prompt], Seed = seed, Steps = steps, Sampler = "ddim", GuidanceScale = 4, Parallel = new ParallelRequest("parataa", all) };
        return (await pipeline.GenerateAsync(request, new(), null, default)).Images[0];
    }
}

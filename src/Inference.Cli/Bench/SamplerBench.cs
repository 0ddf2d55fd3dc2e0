using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Cli;

/// <summary>One measured setting: mean PSNR of its pictures against the reference; null for stochastic samplers, which have no common answer.</summary>
internal sealed record SamplerMeasurement(string Sampler, string Schedule, int Steps, int Evaluations, bool IsStochastic, double? Psnr, IReadOnlyList<RgbImage> Images);

/// <summary>
/// Which sampler at which budget: every deterministic sampler with every schedule at given numbers of evaluations against one common reference,
/// Heun with 200 steps from the same noise to the same final level. The reference's steps are exponential in sigma: on uniform timesteps the first one
/// of a cosine schedule spans a factor of 170 in sigma, which Heun does not survive (24 dB from converged solutions that agree to 52 dB or more).
/// </summary>
internal sealed class SamplerBench(DiffusionPipeline pipeline, IReadOnlyList<string> prompts, IReadOnlyList<int> budgets)
{
    public const int ReferenceSteps = 200;
    public const string ReferenceSchedule = "exponential";

    /// <summary>Schedules tried with each sampler; null is the model's own.</summary>
    public static readonly IReadOnlyList<string?> Schedules = [null, "karras", "exponential", "beta", "lu"];

    private static readonly GenerationLimits Limits = new() { MaxSteps = 1000 };

    /// <summary>The reference pictures.</summary>
    public async Task<IReadOnlyList<RgbImage>> ReferenceAsync(CancellationToken cancellationToken) =>
        (await GenerateAsync("heun", ReferenceSchedule, ReferenceSteps, cancellationToken)).Images;

    /// <summary>Measures the settings one after the other.</summary>
    public async IAsyncEnumerable<SamplerMeasurement> MeasureAsync(
        IReadOnlyList<RgbImage> reference, IReadOnlyList<SamplerDescriptor> samplers, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var sampler in samplers)
            foreach (var schedule in Schedules)
                foreach (var (steps, evaluations) in Settings(sampler, schedule))
                {
                    // Of a stochastic sampler one budget is shown.
                    if (sampler.IsStochastic && (schedule is not null || evaluations < 20))
                        continue;
                    var (images, counted) = await GenerateAsync(sampler.Id, schedule, steps, cancellationToken);
                    var psnr = sampler.IsStochastic ? null : (double?)reference.Zip(images, ImageQuality.Psnr).Average();
                    yield return new(sampler.Id, schedule ?? "own", steps, counted, sampler.IsStochastic, psnr, images);
                    if (sampler.IsStochastic)
                        break;
                }
    }

    // The steps that take exactly a budget of evaluations; samplers whose count depends on the data have one setting.
    private IEnumerable<(int Steps, int Evaluations)> Settings(SamplerDescriptor sampler, string? schedule)
    {
        if (Planned(sampler, schedule, 20) is not { } probe)
            yield break;
        if (probe.Evaluations is null)
        {
            yield return (20, budgets.Max());
            yield break;
        }
        foreach (var budget in budgets)
            for (var steps = 1; steps <= budget + 1; steps++)
                if (Planned(sampler, schedule, steps)?.Evaluations == budget)
                {
                    yield return (steps, budget);
                    break;
                }
    }

    // Null where the sampler cannot run like this (few steps, a schedule its levels do not have).
    private GenerationSettings? Planned(SamplerDescriptor sampler, string? schedule, int steps)
    {
        try
        {
            return pipeline.Check(Request(0, sampler.Id, schedule, steps), Limits);
        }
        catch (InvalidRequestException)
        {
            return null;
        }
    }

    // The prompts run side by side, which is faster than one after the other.
    private async Task<(IReadOnlyList<RgbImage> Images, int Evaluations)> GenerateAsync(string sampler, string? schedule, int steps, CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(prompts.Select((_, index) => pipeline.GenerateAsync(Request(index, sampler, schedule, steps), Limits, null, cancellationToken)));
        return ([.. results.Select(result => result.Images[0].Image)], (int)Math.Round(results.Average(result => result.Images[0].Evaluations)));
    }

    private GenerationRequest Request(int prompt, string sampler, string? schedule, int steps) =>
        new() { Prompt = prompts[prompt], Seed = prompt, Sampler = sampler, Schedule = schedule, Steps = steps, GuidanceScale = 4 };
}

using Inference.Sampling;

namespace Inference.Cli;

/// <summary>The settings that a search begins with.</summary>
/// <param name="samplers">Ids of the samplers that are tried; null for all.</param>
/// <param name="policies">Ids of the cache policies that are tried; null for all.</param>
internal sealed class TuneCandidates(IReadOnlyCollection<string>? samplers, IReadOnlyCollection<string>? policies)
{
    private static readonly double[] StepFactors = [1.5, 2.5];
    private static readonly double[] ThresholdFactors = [0.5, 2];

    /// <summary>Every deterministic sampler with every schedule at exactly a number of evaluations. Stochastic samplers have no common answer to be near to.</summary>
    public IReadOnlyList<TuneSetting> At(int evaluations, TuneBench bench)
    {
        var settings = new List<TuneSetting>();
        foreach (var sampler in bench.Pipeline.Samplers.Where(sampler => !sampler.IsStochastic && samplers?.Contains(sampler.Id) != false))
            foreach (var schedule in SamplerBench.Schedules)
            {
                var perStep = Math.Max(1, sampler.EvaluationsPerStep);
                // Some samplers save an evaluation at the end, others add one.
                for (var steps = Math.Max(1, evaluations / perStep - 1); steps <= evaluations / perStep + 2; steps++)
                    if (new TuneSetting(sampler.Id, schedule, steps) is var setting && bench.Evaluations(setting) == evaluations)
                    {
                        settings.Add(setting);
                        break;
                    }
            }
        return settings;
    }

    /// <summary>A setting with more steps and a cache, in all the ways that the registry offers without a calibration.</summary>
    public IEnumerable<TuneSetting> Cached(TuneSetting plain, TuneBench bench)
    {
        foreach (var steps in StepFactors.Select(factor => (int)Math.Round(factor * plain.Steps)).Distinct().Where(steps => steps >= 6))
            foreach (var policy in CachePolicies.All.Where(policy => policies?.Contains(policy.Id) != false))
                foreach (var options in OptionsOf(policy))
                    if (new TuneSetting(plain.Sampler, plain.Schedule, steps, null, new(policy.Id, options)) is var setting && bench.Evaluations(setting) is not null)
                        yield return setting;
    }

    private static IEnumerable<Dictionary<string, object>> OptionsOf(CachePolicyDescriptor policy)
    {
        if (policy.Options.Any(option => option.Name == "interval"))
            foreach (var interval in new[] { 2.0, 3.0 })
            {
                yield return new() { ["interval"] = interval };
                if (policy.Options.FirstOrDefault(option => option.Name == "modules") is { } modules && modules.Allowed.Contains("lite"))
                    yield return new() { ["interval"] = interval, ["modules"] = "lite" };
            }
        else if (policy.Options.FirstOrDefault(option => option.Name == "threshold") is { Default: double threshold } && double.IsFinite(threshold))
            foreach (var factor in ThresholdFactors)
                yield return new() { ["threshold"] = factor * threshold };
        else
            yield return [];
    }
}

using System.Collections.Immutable;
using System.Globalization;

namespace Inference.Sampling;

/// <summary>A request's choice of a cache policy.</summary>
/// <param name="Policy">Id or alias.</param>
/// <param name="Options">Options by name: double (or int), string or bool.</param>
public sealed record CacheRequest(string Policy, IReadOnlyDictionary<string, object> Options);

/// <summary>All cache policies. The HTTP API, the command line and validation read this list; nothing is listed twice.</summary>
public static class CachePolicies
{
    /// <summary>Every policy.</summary>
    public static ImmutableArray<CachePolicyDescriptor> All { get; } =
    [
        Fora.Descriptor, TaylorSeer.Descriptor, HiCache.Descriptor, SpeCa.Descriptor, FirstBlock.Descriptor, DBCache.Descriptor, CgTaylor.Descriptor, TeaCache.Descriptor,
        MagCache.Descriptor, FixedSteps.Descriptor, EasyCache.Descriptor, Zeus.Descriptor, StepRehash.Descriptor, GuidanceDelta.Descriptor, DeepCache.Descriptor,
    ];

    /// <summary>The policy with an id or an alias, matched without regard to case; null when there is none.</summary>
    public static CachePolicyDescriptor? Find(string name) =>
        All.FirstOrDefault(policy => policy.Aliases.Prepend(policy.Id).Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Plans the caching of a run.</summary>
    /// <param name="request">What the request asks for.</param>
    /// <param name="sampling">The run.</param>
    /// <param name="fewStep">What kind of few-step model it is; null for models that are integrated.</param>
    /// <param name="isGuided">Whether each step evaluates a row without the prompt too.</param>
    /// <exception cref="SamplingOptionException">An option is wrong, or the policy makes no sense for the sampler or the model; the message names it.</exception>
    public static CachePlan Plan(CacheRequest request, SamplingPlan sampling, FewStepModel? fewStep, bool isGuided)
    {
        var policy = Find(request.Policy)
            ?? throw new SamplingOptionException("cache", $"Cache policy '{request.Policy}' is unknown. Allowed: {string.Join(", ", All.Select(known => known.Id))}.");
        CacheRefusals.Check(policy, sampling, fewStep);
        foreach (var name in request.Options.Keys)
            Require.That(policy.Options.Any(option => option.Name == name), "cache",
                $"'{name}' is not an option of {policy.Id}. Allowed: {string.Join(", ", policy.Options.Select(option => option.Name))}.");
        try
        {
            var values = policy.Options.ToDictionary(
                option => option.Name,
                option => request.Options.TryGetValue(option.Name, out var value) ? SamplerOptionReader.Checked(option, Read(option, value)) : option.Default);
            return policy.Plan(new(new(values), sampling.Trajectory.Steps.Length, isGuided));
        }
        catch (SamplingOptionException exception) when (exception.Parameter != "cache")
        {
            throw new SamplingOptionException("cache", $"'cache' of policy {policy.Id}: {exception.Message}");
        }
    }

    // A list of one number is a number to who reads it without knowing the option.
    private static object Read(SamplerOption option, object value) => SamplerOptionReader.Normalized(value) is var read && option is { Default: string, Allowed.IsEmpty: true } && read is double number
        ? number.ToString("R", CultureInfo.InvariantCulture)
        : read;
}

using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The part of a request that says what is cached.</summary>
internal static class RequestCache
{
    public const string Parameter = "cache";
    public const string PresetParameter = "cache_preset";

    /// <summary>Plans the caching of a request; null when nothing is cached or a problem was added.</summary>
    public static CachePlan? Of(GenerationRequest request, SamplingPlan sampling, bool isGuided, string model, PipelineParts parts, List<RequestProblem> problems)
    {
        CacheRequest? wanted = null;
        try
        {
            wanted = Wanted(request, sampling.Trajectory.Steps.Length, model, parts);
            if (wanted is null)
                return null;
            var plan = CachePolicies.Plan(wanted, sampling, parts.Planner.FewStep, isGuided);
            // Whether the network can be cut is known before it is.
            if (!plan.IsPlain)
                parts.Denoiser.Check(plan.Scope);
            return plan;
        }
        catch (SamplingOptionException exception)
        {
            problems.Add(new(request.CachePreset is null ? exception.Parameter : PresetParameter, exception.Message));
        }
        catch (AnalysisException exception)
        {
            problems.Add(Refused(wanted!.Policy, model, exception.Reason));
        }
        return null;
    }

    /// <summary>Makes the network ready for a request, and says how large a row's features are. Blocks.</summary>
    /// <exception cref="InvalidRequestException">The network cannot be cached so.</exception>
    public static FeatureSizes Prepare(CachePlan plan, string model, PipelineParts parts, LatentShape shape, Conditioning conditioning)
    {
        try
        {
            return parts.Denoiser.Prepare(plan.Scope, shape, conditioning);
        }
        catch (Exception exception) when (exception is AnalysisException or VariantException)
        {
            throw new InvalidRequestException([Refused(plan.Policy, model, exception.Message)]);
        }
    }

    // A preset, or the policy with the tables that were measured for the model.
    private static CacheRequest? Wanted(GenerationRequest request, int steps, string model, PipelineParts parts)
    {
        var wanted = request.Cache;
        if (request.CachePreset is { } preset)
            wanted = request.Cache is null
                ? CachePreset.Resolve(preset, steps, model, parts.Calibration)
                : throw new SamplingOptionException(PresetParameter, $"'{PresetParameter}' cannot be combined with '{Parameter}'.");
        return wanted is null ? null : parts.Calibration.Value?.Nearest(steps).Complete(wanted, steps) ?? wanted;
    }

    private static RequestProblem Refused(string policy, string model, string reason) => new(Parameter,
        $"Cache policy '{policy}' cannot be used with model '{model}': {reason}. 'easycache', 'zeus', 'guidance_delta', and 'taylorseer' with modules 'lite', need nothing of the graph.");
}

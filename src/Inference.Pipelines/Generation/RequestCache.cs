using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The part of a request that says what is cached.</summary>
internal static class RequestCache
{
    public const string Parameter = "cache";

    /// <summary>Plans the caching of a request; null when nothing is cached or a problem was added.</summary>
    public static CachePlan? Of(GenerationRequest request, SamplingPlan sampling, bool isGuided, string model, PipelineParts parts, List<RequestProblem> problems)
    {
        if (request.Cache is not { } wanted)
            return null;
        try
        {
            var plan = CachePolicies.Plan(wanted, sampling, parts.Planner.FewStep, isGuided);
            // Whether the network can be cut is known before it is.
            if (!plan.IsPlain)
                parts.Denoiser.Check(plan.Scope);
            return plan;
        }
        catch (SamplingOptionException exception)
        {
            problems.Add(new(exception.Parameter, exception.Message));
        }
        catch (AnalysisException exception)
        {
            problems.Add(Refused(wanted.Policy, model, exception.Reason));
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

    private static RequestProblem Refused(string policy, string model, string reason) => new(Parameter,
        $"Cache policy '{policy}' cannot be used with model '{model}': {reason}. 'easycache', 'zeus', 'guidance_delta', and 'taylorseer' with modules 'lite', need nothing of the graph.");
}

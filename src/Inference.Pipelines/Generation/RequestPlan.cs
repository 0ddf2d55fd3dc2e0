using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The part of a request that the samplers check.</summary>
internal static class RequestPlan
{
    /// <summary>Share of the schedule that is run on a picture when the request does not say (diffusers).</summary>
    public const double DefaultStrength = 0.8;

    /// <summary>Plans the run; null when a problem was added.</summary>
    public static SamplingPlan? Of(GenerationRequest request, PipelineParts parts, int steps, GuidanceOptions guidance, LatentShape shape, List<RequestProblem> problems)
    {
        try
        {
            var planner = parts.Planner;
            planner.Check(guidance);
            // A strength out of range is reported elsewhere; the rest of the request is checked as if it were whole.
            var strength = request is { Image: not null, Strength: null or > 0 and <= 1 } ? request.Strength ?? DefaultStrength : 1;
            var options = new SamplingOptions
            {
                Sampler = request.Sampler,
                Steps = steps,
                Schedule = request.Schedule,
                Rho = request.Rho,
                Spacing = request.Spacing,
                FlowShift = request.FlowShift,
                Timesteps = request.Timesteps,
                Sigmas = request.Sigmas,
                SamplerOptions = request.SamplerOptions,
                End = request.End,
                EndSigma = request.EndSigma,
                Start = 1 - strength,
            };
            return planner.Plan(parts.Sampling.Complete(options, planner, shape));
        }
        catch (SamplingOptionException exception)
        {
            problems.Add(exception.Parameter switch
            {
                "steps" => new("num_inference_steps", exception.Message),
                // A start that leaves no step is what requests call a strength.
                "start" => new("strength", $"With {steps} steps, 'strength' must be at least {1.0 / steps}: nothing is left to do below it."),
                var parameter => new(parameter, exception.Message),
            });
            return null;
        }
    }
}

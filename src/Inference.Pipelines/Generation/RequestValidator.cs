using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>A request with defaults filled in and everything checked.</summary>
internal sealed record ValidatedRequest(GenerationRequest Request, GenerationSettings Settings, SamplingPlan Plan, GuidanceOptions Guidance, LatentShape Shape);

/// <summary>Checks a request against a model and the limits; reports every problem at once.</summary>
internal static class RequestValidator
{
    /// <exception cref="InvalidRequestException">Something cannot be served.</exception>
    public static ValidatedRequest Validate(GenerationRequest request, string model, PipelineParts parts, GenerationLimits limits)
    {
        var problems = new List<RequestProblem>();
        var steps = request.Timesteps?.Count ?? request.Sigmas?.Count ?? request.Steps ?? parts.DefaultSteps;
        var scale = request.GuidanceScale ?? (parts.Planner.FewStep is { HasUnconditionalBranch: false } ? 1 : parts.DefaultGuidanceScale);
        var size = request.Size ?? parts.Sizes[0];

        CheckPrompt("prompt", request.Prompt, limits, problems);
        CheckPrompt("negative_prompt", request.NegativePrompt ?? "", limits, problems);
        if (string.IsNullOrWhiteSpace(request.Prompt))
            problems.Add(new("prompt", "'prompt' must not be empty."));
        if (steps < 1 || steps > limits.MaxSteps)
            problems.Add(new("num_inference_steps", $"'num_inference_steps' must be from 1 to {limits.MaxSteps}, not {steps}."));
        if (!(scale >= 0 && scale <= limits.MaxGuidanceScale))
            problems.Add(new("guidance_scale", $"'guidance_scale' must be from 0 to {limits.MaxGuidanceScale}, not {scale}."));
        if (request.Count < 1 || request.Count > limits.MaxCount)
            problems.Add(new("n", $"'n' must be from 1 to {limits.MaxCount}, not {request.Count}."));
        if (request.Seed < 0 || request.Seed > long.MaxValue - limits.MaxCount)
            problems.Add(new("seed", $"'seed' must be from 0 to {long.MaxValue - limits.MaxCount}, not {request.Seed}."));
        if (!parts.Sizes.Contains(size))
            problems.Add(new("size", $"'size' must be one of {Join(parts.Sizes)} for model '{model}', not {size}."));

        if (request.Steps is not null && (request.Timesteps ?? request.Sigmas) is not null)
            problems.Add(new("num_inference_steps", "'num_inference_steps' cannot be combined with 'timesteps' or 'sigmas'."));

        var guidance = new GuidanceOptions
        {
            Scale = scale,
            Rescale = request.GuidanceRescale,
            Interval = request.GuidanceInterval,
            AdaptiveThreshold = request.GuidanceAdaptiveThreshold,
        };
        var plan = PlanOrReport(request, parts, Math.Clamp(steps, 1, limits.MaxSteps), problems.Any(problem => problem.Parameter == "guidance_scale") ? guidance with { Scale = 1 } : guidance, problems);
        return problems.Count == 0
            ? new(request, new(model, plan!.Sampler.Id, steps, scale, size, plan.Evaluations), plan, guidance, parts.LatentOf(size))
            : throw new InvalidRequestException(problems);
    }

    private static SamplingPlan? PlanOrReport(GenerationRequest request, PipelineParts parts, int steps, GuidanceOptions guidance, List<RequestProblem> problems)
    {
        try
        {
            parts.Planner.Check(guidance);
            return parts.Planner.Plan(new()
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
            });
        }
        catch (SamplingOptionException exception)
        {
            problems.Add(new(exception.Parameter == "steps" ? "num_inference_steps" : exception.Parameter, exception.Message));
            return null;
        }
    }

    private static void CheckPrompt(string parameter, string prompt, GenerationLimits limits, List<RequestProblem> problems)
    {
        if (prompt.Length > limits.MaxPromptLength)
            problems.Add(new(parameter, $"'{parameter}' must have at most {limits.MaxPromptLength} characters, not {prompt.Length}."));
    }

    private static string Join(ImmutableArray<ImageSize> sizes) => string.Join(", ", sizes);
}

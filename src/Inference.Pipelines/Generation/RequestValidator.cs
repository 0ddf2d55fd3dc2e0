using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>A request with defaults filled in and everything checked.</summary>
internal sealed record ValidatedRequest(GenerationRequest Request, GenerationSettings Settings, SamplingPlan Plan, LatentShape Shape)
{
    /// <summary>What picture <paramref name="index"/> is conditioned on.</summary>
    public ConditionRequest ConditionsOf(int index)
    {
        var labels = Request.ClassLabels;
        return new(Request.Prompt, Request.NegativePrompt, labels.IsEmpty ? 0 : labels[Math.Min(index, labels.Length - 1)], Settings.GuidanceScale, Settings.Size);
    }
}

/// <summary>Checks a request against a model and the limits; reports every problem at once.</summary>
internal static class RequestValidator
{
    /// <summary>Share of the schedule that is run on a picture when the request does not say.</summary>
    public const double DefaultStrength = 0.8;

    /// <exception cref="InvalidRequestException">Something cannot be served.</exception>
    public static ValidatedRequest Validate(GenerationRequest request, string model, PipelineParts parts, GenerationLimits limits)
    {
        var problems = new List<RequestProblem>();
        var steps = request.Steps ?? parts.DefaultSteps;
        var scale = request.GuidanceScale ?? parts.DefaultGuidanceScale;
        var size = request.Size ?? (request.Image is { } image ? parts.Sizes.Nearest(new(image.Width, image.Height)) : parts.Sizes.Default);

        PromptChecks.Check(request, model, parts, limits, problems);
        if (steps < 1 || steps > limits.MaxSteps)
            problems.Add(new("num_inference_steps", $"'num_inference_steps' must be from 1 to {limits.MaxSteps}, not {steps}."));
        if (!(scale >= 0 && scale <= limits.MaxGuidanceScale))
            problems.Add(new("guidance_scale", $"'guidance_scale' must be from 0 to {limits.MaxGuidanceScale}, not {scale}."));
        if (request.Count < 1 || request.Count > limits.MaxCount)
            problems.Add(new("n", $"'n' must be from 1 to {limits.MaxCount}, not {request.Count}."));
        if (request.Seed < 0 || request.Seed > long.MaxValue - limits.MaxCount)
            problems.Add(new("seed", $"'seed' must be from 0 to {long.MaxValue - limits.MaxCount}, not {request.Seed}."));
        CheckImage(request, model, parts, problems);
        if (!parts.Sizes.Allows(size))
            problems.Add(new("size", $"'size' must be {(parts.Sizes.Only.IsEmpty ? "" : "one of ")}{parts.Sizes} for model '{model}', not {size}."));
        else if ((long)size.Width * size.Height > limits.MaxPixels)
            problems.Add(new("size", $"'size' must have at most {limits.MaxPixels} pixels in all, not {size}."));
        if (problems.Any(problem => problem.Parameter == "size"))
            size = parts.Sizes.Default;

        var plan = PlanOrReport(request, parts, Math.Clamp(steps, 1, limits.MaxSteps), parts.LatentOf(size), problems);
        return problems.Count == 0
            ? new(request, new(model, plan!.Sampler.Id, steps, scale, size), plan, parts.LatentOf(size))
            : throw new InvalidRequestException(problems);
    }

    private static void CheckImage(GenerationRequest request, string model, PipelineParts parts, List<RequestProblem> problems)
    {
        if (request.Image is not null && parts.Encoder is null)
            problems.Add(new("image", $"Model '{model}' cannot start from a picture: it has no autoencoder encoder (vae_encoder)."));
        if (request.Strength is { } && request.Image is null)
            problems.Add(new("strength", "'strength' needs a picture to start from."));
        if (request.Strength is { } strength && !(strength > 0 && strength <= 1))
            problems.Add(new("strength", $"'strength' must be above 0 and at most 1, not {strength}."));
    }

    private static SamplingPlan? PlanOrReport(GenerationRequest request, PipelineParts parts, int steps, LatentShape shape, List<RequestProblem> problems)
    {
        try
        {
            var planner = new SamplingPlanner(parts.Scheduler);
            // A strength out of range is reported above; the rest of the request is checked as if it were whole.
            var strength = request is { Image: not null, Strength: null or > 0 and <= 1 } ? request.Strength ?? DefaultStrength : 1;
            var options = new SamplingOptions { Sampler = request.Sampler, Steps = steps, Start = 1 - strength };
            return planner.Plan(parts.Sampling.Complete(options, planner, shape));
        }
        catch (SamplingOptionException exception)
        {
            // A start that leaves no step is what requests call a strength.
            problems.Add(exception.Parameter == "start"
                ? new("strength", $"With {steps} steps, 'strength' must be at least {1.0 / steps}: nothing is left to do below it.")
                : new(exception.Parameter, exception.Message));
            return null;
        }
    }
}

using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>A request with defaults filled in and everything checked.</summary>
internal sealed record ValidatedRequest(GenerationRequest Request, GenerationSettings Settings, SamplingPlan Plan, GuidanceOptions Guidance, LatentShape Shape, CachePlan? Cache, ParallelChoice? Parallel)
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
    /// <exception cref="InvalidRequestException">Something cannot be served.</exception>
    public static ValidatedRequest Validate(GenerationRequest request, string model, PipelineParts parts, GenerationLimits limits)
    {
        var problems = new List<RequestProblem>();
        var steps = request.Timesteps?.Count ?? request.Sigmas?.Count ?? request.Steps ?? parts.DefaultSteps;
        var scale = request.GuidanceScale ?? (parts.Planner.FewStep is { HasUnconditionalBranch: false } ? 1 : parts.DefaultGuidanceScale);

        PromptChecks.Check(request, model, parts, limits, problems);
        if (steps < 1 || steps > limits.MaxSteps)
            problems.Add(new("num_inference_steps", $"'num_inference_steps' must be from 1 to {limits.MaxSteps}, not {steps}."));
        if (request.Steps is not null && (request.Timesteps ?? request.Sigmas) is not null)
            problems.Add(new("num_inference_steps", "'num_inference_steps' cannot be combined with 'timesteps' or 'sigmas'."));
        if (!(scale >= 0 && scale <= limits.MaxGuidanceScale))
            problems.Add(new("guidance_scale", $"'guidance_scale' must be from 0 to {limits.MaxGuidanceScale}, not {scale}."));
        if (request.Count < 1 || request.Count > limits.MaxCount)
            problems.Add(new("n", $"'n' must be from 1 to {limits.MaxCount}, not {request.Count}."));
        if (request.Seed < 0 || request.Seed > long.MaxValue - limits.MaxCount)
            problems.Add(new("seed", $"'seed' must be from 0 to {long.MaxValue - limits.MaxCount}, not {request.Seed}."));
        CheckImage(request, model, parts, problems);
        var size = SizeOf(request, model, parts, limits, problems);

        var guidance = new GuidanceOptions
        {
            Scale = scale,
            Rescale = request.GuidanceRescale,
            Interval = request.GuidanceInterval,
            AdaptiveThreshold = request.GuidanceAdaptiveThreshold,
        };
        var shape = parts.LatentOf(size);
        var plan = RequestPlan.Of(request, parts, Math.Clamp(steps, 1, limits.MaxSteps), problems.Any(problem => problem.Parameter == "guidance_scale") ? guidance with { Scale = 1 } : guidance, shape, problems);
        var cache = plan is null ? null : RequestCache.Of(request, plan, parts.IsGuided(scale), model, parts, problems);
        var parallel = plan is null ? null : RequestParallel.Of(request, plan, guidance, shape, model, parts, limits, problems);
        if (problems.Count == 0)
            RequestMemory.Check(size, WorkOf(), parallel?.Plan.Width, model, parts, limits, problems);
        return problems.Count == 0
            ? new(request, new(model, plan!.Sampler.Id, steps, scale, size, parallel is null ? plan.Evaluations : null) { Cache = cache?.Policy, Parallel = parallel?.Plan.Method.Id }, plan, guidance, shape, cache, parallel)
            : throw new InvalidRequestException(problems);

        PictureWork WorkOf() => new(
            parts.IsGuided(scale) ? 2 : 1, cache is { IsPlain: false, Scope.IsOutside: false } || parallel is { Plan.Method.NeedsConsistencyModel: true }, request.Image is not null);
    }

    // The default size stands in for one that cannot be made, so that the rest of the request is checked too.
    private static ImageSize SizeOf(GenerationRequest request, string model, PipelineParts parts, GenerationLimits limits, List<RequestProblem> problems)
    {
        var size = request.Size ?? (request.Image is { } image ? parts.Sizes.Nearest(new(image.Width, image.Height)) : parts.Sizes.Default);
        if (!parts.Sizes.Allows(size))
            problems.Add(new("size", $"'size' must be {(parts.Sizes.Only.IsEmpty ? "" : "one of ")}{parts.Sizes} for model '{model}', not {size}."));
        else if ((long)size.Width * size.Height > limits.MaxPixels)
            problems.Add(new("size", $"'size' must have at most {limits.MaxPixels} pixels in all, not {size}."));
        else
            return size;
        return parts.Sizes.Default;
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
}

using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>How a request takes its steps side by side.</summary>
/// <param name="Plan">The method.</param>
/// <param name="Former">The run it starts from; null: none.</param>
internal sealed record ParallelChoice(ParallelPlan Plan, StatesOfRun? Former);

/// <summary>The part of a request that says whether steps are taken side by side.</summary>
internal static class RequestParallel
{
    public const string Parameter = "parallel";

    /// <summary>Plans it; null when steps follow each other or a problem was added.</summary>
    public static ParallelChoice? Of(
        GenerationRequest request, SamplingPlan sampling, GuidanceOptions guidance, LatentShape shape, string model, PipelineParts parts, GenerationLimits limits, List<RequestProblem> problems)
    {
        if (request.Parallel is not { } wanted)
            return null;
        if (request.Cache is not null || request.CachePreset is not (null or CachePreset.Exact))
            problems.Add(new(request.Cache is null ? RequestCache.PresetParameter : RequestCache.Parameter, $"'{(request.Cache is null ? RequestCache.PresetParameter : RequestCache.Parameter)}' cannot be used with 'parallel': it predicts a step from the steps before it, which are not finished then. Leave one of them out."));
        if (!parts.Denoiser.MixesTimesteps)
            problems.Add(new(Parameter, $"'parallel' cannot be used with model '{model}': its graph takes one timestep a call, so steps cannot be evaluated side by side."));
        try
        {
            var plan = ParallelMethods.Plan(wanted, sampling, guidance, parts.Consistency is not null);
            if (request.Sharing == LaneSharing.Solo && plan.Width is null)
                problems.Add(new(Parameter, "'parallel.window' must be a number with 'solo': widths that follow the load would not give the same bytes on every run."));
            if (plan.Width is { } width && 2 * width > limits.MaxGroupRows)
                problems.Add(new(Parameter, $"'parallel.window' must be at most {limits.MaxGroupRows / 2} or auto, not {width}."));
            return new(plan, FormerOf(plan, sampling, shape, model, parts, problems));
        }
        catch (SamplingOptionException exception)
        {
            problems.Add(new(exception.Parameter, exception.Message));
            return null;
        }
    }

    private static StatesOfRun? FormerOf(ParallelPlan plan, SamplingPlan sampling, LatentShape shape, string model, PipelineParts parts, List<RequestProblem> problems)
    {
        var steps = sampling.Trajectory.Steps.Length;
        if (plan.KeepsStates && new StatesOfRun(steps, shape).Bytes > FormerRuns.MaxBytes)
            problems.Add(new(Parameter, $"'parallel.keep' cannot be true: the states of {steps} steps of this size take more than {FormerRuns.MaxBytes >> 20} MiB."));
        if (plan.WarmStart is not { } name)
            return null;
        if (parts.FormerRuns.Find(name) is not { } former)
            problems.Add(new(Parameter, $"'parallel.warm_start' names no run that model '{model}' keeps; runs are kept by \"keep\": true while there is room and the model is loaded."));
        else if (former.Steps == steps && former.Shape == shape)
            return former;
        else
            problems.Add(new(Parameter, $"'parallel.warm_start' names a run of {former.Steps} steps and latents of {former.Shape}; this one has {steps} and {shape}."));
        return null;
    }
}

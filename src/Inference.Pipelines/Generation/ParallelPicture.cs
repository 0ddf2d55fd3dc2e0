using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The denoising of one picture with several steps side by side.</summary>
/// <param name="parts">The model.</param>
/// <param name="consistency">Its Picard consistency model on the device, or null.</param>
/// <param name="request">The request.</param>
/// <param name="conditions">What the picture is conditioned on.</param>
/// <param name="watch">Told of each step, or null.</param>
internal sealed class ParallelPicture(PipelineParts parts, BatchNetwork? consistency, ValidatedRequest request, Conditions conditions, PictureObserver? watch)
{
    /// <summary>Runs the loop.</summary>
    /// <param name="choice">The method.</param>
    /// <param name="lane">The way to the network.</param>
    /// <param name="denoiser">The guided denoiser on it.</param>
    /// <param name="latent">In: the start. Out: the result.</param>
    /// <param name="noise">The noise.</param>
    /// <param name="cancellationToken">Looked at between any two evaluations.</param>
    public async Task<DenoisedLatent> SampleAsync(ParallelChoice choice, Lane lane, GuidedDenoiser denoiser, Latent latent, INoise noise, CancellationToken cancellationToken)
    {
        var (plan, sampling) = (choice.Plan, request.Plan);
        var isGuided = conditions.Unconditional is not null && request.Settings.GuidanceScale != 1;
        var states = plan.KeepsStates ? new StatesOfRun(sampling.Trajectory.Steps.Length, latent.Shape) : null;
        using var pair = !plan.Method.NeedsConsistencyModel ? null : new GuidedDenoiser(
            new OccasionalLane(consistency!, lane, watch), sampling.Prediction, latent.Shape, conditions.Conditional, conditions.Unconditional, isGuided ? request.Guidance : GuidanceOptions.None);
        var use = await plan.SampleAsync(
            new()
            {
                Denoiser = denoiser,
                Consistency = pair,
                X = latent,
                Trajectory = sampling.Trajectory,
                Noise = noise,
                Observer = (ISamplingObserver?)watch ?? NullObserver.Instance,
                Budget = plan.Width is { } width ? new FixedWindow(width) : new LaneWindow(lane, isGuided ? 2 : 1),
                Former = choice.Former,
                Keep = states,
            },
            cancellationToken);
        return new(latent, use.Evaluations, denoiser.Rows + (pair?.Rows ?? 0), lane.Met) { Parallel = use, Run = states is null ? null : parts.FormerRuns.Keep(states) };
    }
}

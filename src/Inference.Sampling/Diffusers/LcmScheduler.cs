using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>LCMScheduler</c> and <c>TCDScheduler</c>: timesteps picked from the list the model was distilled on.</summary>
internal sealed class LcmScheduler(string className, string sampler) : IDiffusersScheduler
{
    public string ClassName { get; } = className;

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table("scaled_linear", 0.00085, 0.012, "epsilon", "sample", "v_prediction"),
        Setting.Integer("original_inference_steps", 50, 1, 100_000),
        .. TableSettings.Clipping(clip: false),
        TableSettings.FinalAlphaOne(true),
        TableSettings.Offset,
        .. TableSettings.Thresholding,
        TableSettings.Spacing("leading"),
        Setting.Number("timestep_scaling", 10, 0),
        TableSettings.ZeroTerminalSnr,
    ];

    public ImmutableArray<string> Samplers { get; } = [sampler];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.VariancePreserving ? ClassName : null;

    public FewStepModel? FewStep { get; } = new(sampler.ToUpperInvariant(), HasUnconditionalBranch: true);

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        TableLevels.Refuse(ClassName, request);
        var schedule = TableSettings.Schedule(settings);
        var timesteps = TableLevels.Given(request, schedule) ?? Distilled(settings.Integer("original_inference_steps"), request, schedule.Count);
        // LCM returns its last prediction. TCD goes on to timestep 0 and does not clip.
        return sampler == "lcm"
            ? new(TableLevels.Consecutive(schedule, timesteps, new NoiseLevel(1, 0)), TableSettings.Prediction(settings), TableSettings.ClippingOf(settings))
            : new(TableLevels.Consecutive(schedule, timesteps, schedule.At(0)), TableSettings.Prediction(settings));
    }

    // Evenly spaced picks from the first part of the distilled steps; all of them unless the run starts from a picture.
    private static int[] Distilled(int original, RunRequest request, int count)
    {
        var (steps, kept) = (request.Steps, (int)Math.Floor(original * request.DistilledShare + 1e-9));
        if (steps > kept || original > count)
            throw new SamplingOptionException(
                "steps", $"The model was distilled on {original} steps{(kept < original ? $", of which {kept} are left to a run that starts from a picture" : "")}: steps must be between 1 and {kept}, not {steps}.");
        var ratio = count / original;
        return [.. Enumerable.Range(0, steps).Select(i => (kept - (int)Math.Floor(i * ((double)kept / steps))) * ratio - 1)];
    }
}

using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>DDIMScheduler</c>: a step ends ⌊T/N⌋ below its timestep, which need not be where the next one begins.</summary>
internal sealed class DdimScheduler : IDiffusersScheduler
{
    public string ClassName => "DDIMScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "sample", "v_prediction"]),
        .. TableSettings.Clipping(clip: true),
        TableSettings.FinalAlphaOne(true),
        TableSettings.Offset,
        .. TableSettings.Thresholding,
        TableSettings.Spacing("leading"),
        TableSettings.ZeroTerminalSnr,
    ];

    public ImmutableArray<string> Samplers => ["ddim"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.VariancePreserving ? ClassName : null;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        var schedule = TableSettings.Schedule(settings);
        var timesteps = TableLevels.Timesteps(ClassName, settings, request, schedule);
        var finalAlphaOne = settings.Flag("set_alpha_to_one");
        var steps = timesteps.Select((t, i) => new TrajectoryStep(
            schedule.At(t) with { Step = i },
            TableLevels.At(schedule, Next(i), finalAlphaOne) with { Step = i, Stage = 1 }));
        return new(
            new Trajectory([.. steps], 1, schedule),
            TableSettings.Prediction(settings),
            TableSettings.ClippingOf(settings));

        int Next(int i) => request.Timesteps is null ? timesteps[i] - schedule.Count / timesteps.Length
            : i + 1 < timesteps.Length ? timesteps[i + 1] : -1;
    }
}

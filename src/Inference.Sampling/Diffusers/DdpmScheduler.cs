using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>DDPMScheduler</c>: steps between the entries of the list, the last to clean data.</summary>
internal sealed class DdpmScheduler : IDiffusersScheduler
{
    public string ClassName => "DDPMScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "sample", "v_prediction"]),
        Setting.OneOf("variance_type", "fixed_small", "fixed_small", "fixed_small_log", "fixed_large"),
        .. TableSettings.Clipping(clip: true),
        .. TableSettings.Thresholding,
        TableSettings.Spacing("leading"),
        TableSettings.Offset,
        TableSettings.ZeroTerminalSnr,
    ];

    public ImmutableArray<string> Samplers => ["ddpm"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.VariancePreserving ? ClassName : null;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        var schedule = TableSettings.Schedule(settings);
        var timesteps = TableLevels.Timesteps(ClassName, settings, request, schedule);
        return new(
            TableLevels.Consecutive(schedule, timesteps, new NoiseLevel(1, 0)),
            TableSettings.Prediction(settings),
            TableSettings.ClippingOf(settings));
    }
}

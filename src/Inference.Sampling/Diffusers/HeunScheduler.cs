using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>HeunDiscreteScheduler</c>.</summary>
internal sealed class HeunScheduler : IDiffusersScheduler
{
    public string ClassName => "HeunDiscreteScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table("linear", 0.00085, 0.012, "epsilon", "v_prediction", "sample"),
        .. RampSettings.Settings,
        .. TableSettings.Clipping(clip: false),
        TableSettings.Spacing("linspace"),
        TableSettings.Offset,
    ];

    public ImmutableArray<string> Samplers => ["heun"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => SigmaSpaceCounterparts.Of(ClassName, process);

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) => new SigmaSpaceLevels(settings, request).Run();
}

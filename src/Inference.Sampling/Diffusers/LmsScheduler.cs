using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>LMSDiscreteScheduler</c>.</summary>
internal sealed class LmsScheduler : IDiffusersScheduler
{
    public string ClassName => "LMSDiscreteScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "v_prediction", "sample"]),
        .. RampSettings.Settings,
        TableSettings.Spacing("linspace"),
        TableSettings.Offset,
    ];

    public ImmutableArray<string> Samplers => ["lms"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => SigmaSpaceCounterparts.Of(ClassName, process);

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) => new SigmaSpaceLevels(settings, request).Run();
}

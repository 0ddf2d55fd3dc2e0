using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>EulerAncestralDiscreteScheduler</c>.</summary>
internal sealed class EulerAncestralScheduler : IDiffusersScheduler
{
    public string ClassName => "EulerAncestralDiscreteScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "v_prediction"]),
        TableSettings.Spacing("linspace"),
        TableSettings.Offset,
        TableSettings.ZeroTerminalSnr,
    ];

    public ImmutableArray<string> Samplers => ["euler-a"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => SigmaSpaceCounterparts.Of(ClassName, process);

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) => new SigmaSpaceLevels(settings, request).Run();
}

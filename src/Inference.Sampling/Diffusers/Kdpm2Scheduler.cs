using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>KDPM2DiscreteScheduler</c> and <c>KDPM2AncestralDiscreteScheduler</c>.</summary>
internal sealed class Kdpm2Scheduler(string className, string sampler) : IDiffusersScheduler
{
    public string ClassName { get; } = className;

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table("linear", 0.00085, 0.012, "epsilon", "v_prediction"),
        .. RampSettings.Settings,
        TableSettings.Spacing("linspace"),
        TableSettings.Offset,
    ];

    public ImmutableArray<string> Samplers { get; } = [sampler];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => SigmaSpaceCounterparts.Of(ClassName, process);

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) => new SigmaSpaceLevels(settings, request) { RoundsKarras = true }.Run();
}

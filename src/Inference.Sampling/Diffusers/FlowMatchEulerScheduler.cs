using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>FlowMatchEulerDiscreteScheduler</c>.</summary>
internal sealed class FlowMatchEulerScheduler : IDiffusersScheduler
{
    public string ClassName => "FlowMatchEulerDiscreteScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        Setting.Integer("num_train_timesteps", 1000, 2, 100_000),
        Setting.Number("shift", 1, 0),
        .. DynamicShift.Settings,
        Setting.Only("invert_sigmas", SettingKind.Flag, false),
        Setting.Number("shift_terminal", null, 0, 1),
        .. RampSettings.Settings,
        Setting.Flag("stochastic_sampling", false),
    ];

    public ImmutableArray<string> Samplers => ["flow-sde", "euler"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.Flow;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.Flow ? ClassName : null;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) => FlowMatchLevels.Run(settings, request);
}

/// <summary>diffusers, <c>FlowMatchHeunDiscreteScheduler</c>.</summary>
internal sealed class FlowMatchHeunScheduler : IDiffusersScheduler
{
    public string ClassName => "FlowMatchHeunDiscreteScheduler";

    public ImmutableArray<Setting> Settings { get; } = [Setting.Integer("num_train_timesteps", 1000, 2, 100_000), Setting.Number("shift", 1, 0)];

    public ImmutableArray<string> Samplers => ["heun"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.Flow;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.Flow ? ClassName : null;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) => FlowMatchLevels.Run(settings, request);
}

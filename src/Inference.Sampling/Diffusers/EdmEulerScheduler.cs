using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>EDMEulerScheduler</c>.</summary>
internal sealed class EdmEulerScheduler : IDiffusersScheduler
{
    public string ClassName => "EDMEulerScheduler";

    public ImmutableArray<Setting> Settings => EdmLevels.Settings;

    public ImmutableArray<string> Samplers => ["euler"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.Edm;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.Edm ? ClassName : null;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) =>
        EdmLevels.Run(settings, request, sigmas => settings.Text("final_sigmas_type") == "zero" ? 0 : sigmas[^1], clipping: null);
}

/// <summary>diffusers, <c>EDMDPMSolverMultistepScheduler</c>.</summary>
internal sealed class EdmDpmScheduler : IDiffusersScheduler
{
    public string ClassName => "EDMDPMSolverMultistepScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. EdmLevels.Settings.Where(setting => setting != TableSettings.FinalSigmas),
        .. DpmSettings.Solver(3, "dpmsolver++", "sde-dpmsolver++"),
        .. TableSettings.Thresholding,
        Setting.Flag("lower_order_final", true),
        Setting.Flag("euler_at_final", false),
    ];

    public ImmutableArray<string> Samplers => ["dpmpp-1m", "dpmpp-2m", "dpmpp-3m", "sde-dpmpp-1m", "sde-dpmpp-2m", "sde-dpmpp-3m"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.Edm;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.Edm ? ClassName : null;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) => EdmLevels.Run(
        settings, request, _ => settings.Text("final_sigmas_type") == "zero" ? 0 : settings.Number("sigma_min"), TableSettings.ClippingOf(settings));
}

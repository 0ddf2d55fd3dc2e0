using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>DPMSolverSinglestepScheduler</c>; its timesteps are always spaced as <c>linspace</c>.</summary>
internal sealed class DpmSinglestepScheduler : IDiffusersScheduler
{
    public string ClassName => "DPMSolverSinglestepScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "sample", "v_prediction", "flow_prediction"]),
        .. DpmSettings.Solver(3, "dpmsolver++", "sde-dpmsolver++", "dpmsolver"),
        .. TableSettings.Thresholding,
        Setting.Flag("lower_order_final", false),
        .. RampSettings.Settings,
        .. FlowMultistepLevels.Settings,
        Setting.Number("lambda_min_clipped", double.NegativeInfinity),
        Setting.Only("variance_type", SettingKind.Name, null),
    ];

    public ImmutableArray<string> Samplers =>
        ["dpmpp-1s", "dpmpp-2s", "dpmpp-3s", "sde-dpmpp-1s", "sde-dpmpp-2s", "sde-dpmpp-3s", "dpm-1s", "dpm-2s", "dpm-3s"];

    public NoiseProcess Process(SchedulerSettings settings) => DpmSettings.Process(settings);

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.Edm ? null : ClassName;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        var schedule = TableSettings.Schedule(settings);
        var final = DpmSettings.Final(settings);
        return new MultistepLevels(settings, request, schedule)
        {
            Spacing = TimestepSpacing.Linspace,
            LastTimestep = DpmSettings.LastTimestep(settings, schedule),
            Final = final,
            FinalOfRamp = final,
        }.Run();
    }
}

using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>DPMSolverMultistepScheduler</c>.</summary>
internal sealed class DpmMultistepScheduler : IDiffusersScheduler
{
    public string ClassName => "DPMSolverMultistepScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "sample", "v_prediction", "flow_prediction"]),
        .. DpmSettings.Solver(3, "dpmsolver++", "sde-dpmsolver++", "dpmsolver", "sde-dpmsolver"),
        .. TableSettings.Thresholding,
        Setting.Flag("lower_order_final", true),
        Setting.Flag("euler_at_final", false),
        .. RampSettings.Settings,
        Setting.Flag("use_lu_lambdas", false),
        .. FlowMultistepLevels.Settings,
        Setting.Number("lambda_min_clipped", double.NegativeInfinity),
        Setting.Only("variance_type", SettingKind.Name, null),
        TableSettings.Spacing("linspace"),
        TableSettings.Offset,
        TableSettings.ZeroTerminalSnr,
    ];

    public ImmutableArray<string> Samplers =>
    [
        "dpmpp-1m", "dpmpp-2m", "dpmpp-3m", "sde-dpmpp-1m", "sde-dpmpp-2m", "sde-dpmpp-3m", "dpm-1m", "dpm-2m", "dpm-3m", "sde-dpm-1m", "sde-dpm-2m",
    ];

    public NoiseProcess Process(SchedulerSettings settings) => DpmSettings.Process(settings);

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.Edm ? "EDMDPMSolverMultistepScheduler" : ClassName;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        var schedule = TableSettings.Schedule(settings, SigmaSpaceLevels.LastAlphaOfZeroSnr);
        var final = DpmSettings.Final(settings);
        return new MultistepLevels(settings, request, schedule)
        {
            Spacing = TableSettings.SpacingOf(settings),
            LastTimestep = DpmSettings.LastTimestep(settings, schedule),
            Final = final,
            FinalOfRamp = final,
            RoundsKarras = settings.Text("beta_schedule") != "squaredcos_cap_v2",
        }.Run();
    }
}

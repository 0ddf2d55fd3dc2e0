using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>UniPCMultistepScheduler</c>.</summary>
internal sealed class UniPcScheduler : IDiffusersScheduler
{
    // Pure noise has λ = -∞; diffusers starts this much below it.
    private const double StartMargin = 1e-6;

    public string ClassName => "UniPCMultistepScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "sample", "v_prediction", "flow_prediction"]),
        Setting.Integer("solver_order", 2, 1, UniPc.MaximumOrder),
        Setting.Flag("predict_x0", true),
        Setting.OneOf("solver_type", "bh2", "bh1", "bh2") with { Replaced = ["midpoint", "heun", "logrho"] },
        .. TableSettings.Thresholding,
        Setting.Flag("lower_order_final", true),
        Setting.Numbers("disable_corrector", []),
        Setting.Only("solver_p", SettingKind.Name, null),
        .. RampSettings.Settings,
        .. FlowMultistepLevels.Settings,
        TableSettings.Spacing("linspace"),
        TableSettings.Offset,
        TableSettings.FinalSigmas,
        TableSettings.ZeroTerminalSnr,
        Setting.Number("sigma_min", null, 0),
        Setting.Number("sigma_max", null, 0),
        Setting.Number("shift_terminal", null, 0, 1),
    ];

    public ImmutableArray<string> Samplers => ["unipc"];

    public NoiseProcess Process(SchedulerSettings settings) => DpmSettings.Process(settings);

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.Edm ? null : ClassName;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        var endsAtZero = settings.Text("final_sigmas_type") == "zero";
        var levels = new MultistepLevels(settings, request, TableSettings.Schedule(settings, SigmaSpaceLevels.LastAlphaOfZeroSnr))
        {
            Spacing = TableSettings.SpacingOf(settings),
            Final = endsAtZero ? FinalLevel.Zero : FinalLevel.TableMinimum,
            FinalOfRamp = endsAtZero ? FinalLevel.Zero : FinalLevel.Repeated,
        };
        var run = settings.Flag("use_flow_sigmas") ? levels.FlowRun(Shares(settings, request, levels.Schedule)) : levels.Run();
        // The noise-prediction form takes the network's output as it is.
        return settings.Flag("predict_x0") ? run : run with { Clipping = null };
    }

    private static double[] Shares(SchedulerSettings settings, RunRequest request, VariancePreservingSchedule schedule)
    {
        var given = FlowMultistepLevels.Given(settings, request);
        if (given is null && RampSettings.Of(settings, request) is { Ramp: SigmaRamp.Karras } karras)
            return Array.ConvertAll(RampSettings.Between(karras, schedule.Kappas[^1], schedule.Kappas[0], request.Steps), kappa => kappa / (kappa + 1));

        var shift = request.Shift ?? settings.Number("flow_shift");
        var even = given ?? Grid.Linspace(1, 1.0 / schedule.Count, request.Steps + 1)[..^1];
        var shares = Array.ConvertAll(even, s => settings.Flag("use_dynamic_shifting") ? shift / (shift + (1 / s - 1)) : FlowShift.Apply(shift, s));
        if (settings.OptionalNumber("shift_terminal") is { } terminal and not 0)
            FlowShift.StretchToTerminal(shares, terminal);
        shares = given is null ? FlowMultistepLevels.Ramped(settings, request, shares) : shares;
        if (Math.Abs(shares[0] - 1) < StartMargin)
            shares[0] -= StartMargin;
        return shares;
    }
}

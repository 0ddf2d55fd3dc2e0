using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>DEISMultistepScheduler</c>; it never reaches clean data.</summary>
internal sealed class DeisScheduler : IDiffusersScheduler
{
    public string ClassName => "DEISMultistepScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "sample", "v_prediction", "flow_prediction"]),
        Setting.Integer("solver_order", 2, 1, Deis.MaximumOrder),
        Setting.OneOf("algorithm_type", "deis", "deis") with { Replaced = ["dpmsolver", "dpmsolver++"] },
        Setting.OneOf("solver_type", "logrho", "logrho") with { Replaced = ["midpoint", "heun", "bh1", "bh2"] },
        .. TableSettings.Thresholding,
        Setting.Flag("lower_order_final", true),
        .. RampSettings.Settings,
        .. FlowMultistepLevels.Settings,
        TableSettings.Spacing("linspace"),
        TableSettings.Offset,
    ];

    public ImmutableArray<string> Samplers => ["deis"];

    public NoiseProcess Process(SchedulerSettings settings) => DpmSettings.Process(settings);

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.Edm ? null : ClassName;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) => new MultistepLevels(settings, request, TableSettings.Schedule(settings))
    {
        Spacing = TableSettings.SpacingOf(settings),
        Final = FinalLevel.TableMinimum,
        FinalOfRamp = FinalLevel.Repeated,
    }.Run();
}

using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>EulerDiscreteScheduler</c>.</summary>
internal sealed class EulerScheduler : IDiffusersScheduler
{
    public string ClassName => "EulerDiscreteScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "v_prediction", "sample"]),
        .. RampSettings.Settings,
        Setting.OneOf("interpolation_type", "linear", "linear", "log_linear"),
        Setting.Number("sigma_min", null, 0),
        Setting.Number("sigma_max", null, 0),
        TableSettings.Spacing("linspace"),
        Setting.OneOf("timestep_type", "discrete", "discrete", "continuous"),
        TableSettings.Offset,
        TableSettings.ZeroTerminalSnr,
        TableSettings.FinalSigmas,
    ];

    public ImmutableArray<string> Samplers => ["euler"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => SigmaSpaceCounterparts.Of(ClassName, process);

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request) => new SigmaSpaceLevels(settings, request)
    {
        SmallestSigma = settings.OptionalNumber("sigma_min"),
        LargestSigma = settings.OptionalNumber("sigma_max"),
        EndsAtTableMinimum = settings.Text("final_sigmas_type") == "sigma_min",
        LogLinear = settings.Text("interpolation_type") == "log_linear",
        ContinuousTimesteps = settings.Text("timestep_type") == "continuous" && settings.Text("prediction_type") == "v_prediction",
    }.Run();
}

/// <summary>What stands for a sigma-space class on models of other processes.</summary>
internal static class SigmaSpaceCounterparts
{
    public static string Of(string className, NoiseProcess process) => process switch
    {
        NoiseProcess.Flow => "FlowMatchEulerDiscreteScheduler",
        NoiseProcess.Edm => "EDMEulerScheduler",
        _ => className,
    };
}

using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>diffusers, <c>SCMScheduler</c>: two steps by way of a chosen angle, otherwise angles evenly down to 0.</summary>
internal sealed class ScmScheduler : IDiffusersScheduler
{
    public string ClassName => "SCMScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        Setting.Integer("num_train_timesteps", 1000, 2, 100_000),
        Setting.OneOf("prediction_type", "trigflow", "trigflow"),
        Setting.Number("sigma_data", 0.5, double.Epsilon),
        Setting.Number("max_timesteps", MaximumAngle, double.Epsilon, MaximumAngle),
        Setting.Number("intermediate_timesteps", 1.3, double.Epsilon, MaximumAngle),
    ];

    /// <summary>diffusers' largest angle; meant is π/2, which it exceeds by rounding.</summary>
    public const double MaximumAngle = 1.57080;

    public ImmutableArray<string> Samplers => ["scm"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.TrigFlow;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.TrigFlow ? ClassName : null;

    public FewStepModel? FewStep { get; } = new("sCM", HasUnconditionalBranch: false);

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        if (request.Sigmas is not null)
            throw new SamplingOptionException("sigmas", $"{ClassName} works on angles: give timesteps between 0 and π/2 instead of sigmas.");
        RampSettings.Check(ClassName, request.Ramp);

        var sigmaData = settings.Number("sigma_data");
        var schedule = new TrigFlowSchedule(sigmaData);
        var angles = request.Timesteps ?? Angles(settings, request.Steps);
        var levels = angles.Select(angle => schedule.At(Math.Min(angle, Math.PI / 2))).Append(new NoiseLevel(1, 0));
        return new(Trajectory.Through([.. levels], sigmaData, schedule), new TrigFlowPrediction(sigmaData));
    }

    private static double[] Angles(SchedulerSettings settings, int steps)
    {
        var (largest, intermediate) = (settings.Number("max_timesteps"), settings.Number("intermediate_timesteps"));
        if (steps != 2)
            return Grid.Linspace(largest, 0, steps + 1)[..^1];
        return intermediate < largest
            ? [largest, intermediate]
            : throw new SamplingOptionException("intermediate_timesteps", $"intermediate_timesteps must be below max_timesteps, {largest}.");
    }
}

using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>
/// The levels of rCM (Zheng et al. 2025, arXiv:2510.08431, and the authors' inference code): angles atan σ_max, 1.5, 1.4, 1.0 as far as there are
/// steps, taken to a flow by s = sin θ/(sin θ + cos θ). diffusers has no class for it.
/// </summary>
internal sealed class RcmScheduler : IDiffusersScheduler
{
    private static readonly double[] _inner = [1.5, 1.4, 1.0];

    public string ClassName => "RCMScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        Setting.Integer("num_train_timesteps", 1000, 2, 100_000),
        // tan 1.5 = 14.1: the first angle lies above the second.
        Setting.Number("sigma_max", 80, 15),
    ];

    public ImmutableArray<string> Samplers => ["rcm"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.Flow;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.Flow ? ClassName : null;

    public FewStepModel? FewStep { get; } = new("rCM", HasUnconditionalBranch: false);

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        RampSettings.Check(ClassName, request.Ramp);
        if (request.FlowShift is { } shift && shift != 1)
            throw new SamplingOptionException("flow_shift", $"{ClassName} has levels of its own, which are not shifted: leave flow_shift out.");

        var count = settings.Integer("num_train_timesteps");
        var shares = FlowMultistepLevels.Given(settings, request) ?? Shares(settings, request.Steps);
        var levels = shares.Select(s => FlowSchedule.FromSigma(s, s * count)).Append(FlowSchedule.FromSigma(0, 0));
        return new(Trajectory.Through([.. levels], shares[0], new FlowSchedule(count)), Predictions.Flow);
    }

    private static double[] Shares(SchedulerSettings settings, int steps)
    {
        if (steps > _inner.Length + 1)
            throw new SamplingOptionException("steps", $"rCM defines 1 to {_inner.Length + 1} steps, not {steps}: give sigmas for more.");
        double[] angles = [Math.Atan(settings.Number("sigma_max")), .. _inner[..(steps - 1)]];
        return Array.ConvertAll(angles, angle => Math.Sin(angle) / (Math.Sin(angle) + Math.Cos(angle)));
    }
}

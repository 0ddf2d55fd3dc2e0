using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>
/// The levels of DMD2 (Yin et al. 2024, arXiv:2405.14867, section 4.4, and the authors' code): evenly spaced from the last timestep, 999, 749,
/// 499, 249 in four steps; a single step is taken at 399. diffusers has no class for it.
/// </summary>
internal sealed class Dmd2Scheduler : IDiffusersScheduler
{
    public string ClassName => "DMD2Scheduler";

    public ImmutableArray<Setting> Settings { get; } =
        [.. TableSettings.Table("scaled_linear", 0.00085, 0.012, "epsilon", "sample", "v_prediction"), TableSettings.ZeroTerminalSnr];

    public ImmutableArray<string> Samplers => ["dmd2"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.VariancePreserving ? ClassName : null;

    public FewStepModel? FewStep { get; } = new("DMD2", HasUnconditionalBranch: false);

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        TableLevels.Refuse(ClassName, request);
        var schedule = TableSettings.Schedule(settings);
        var timesteps = TableLevels.Given(request, schedule) ?? Timesteps(request.Steps, schedule.Count);
        return new(TableLevels.Consecutive(schedule, timesteps, new NoiseLevel(1, 0)), TableSettings.Prediction(settings));
    }

    private static int[] Timesteps(int steps, int count)
    {
        if (steps > count)
            throw new SamplingOptionException("steps", $"steps must be between 1 and {count}, not {steps}.");
        return steps == 1 ? [count * 2 / 5 - 1] : [.. Enumerable.Range(0, steps).Select(i => count - (int)((long)i * count / steps) - 1)];
    }
}

using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>
/// diffusers, <c>PNDMScheduler</c>. A step of the trajectory is one call of the network: the start carries the timestep of the call and the α and
/// σ from which the transfer starts. Calls that redo a step begin where that step began.
/// </summary>
internal sealed class PndmScheduler : IDiffusersScheduler
{
    public string ClassName => "PNDMScheduler";

    public ImmutableArray<Setting> Settings { get; } =
    [
        .. TableSettings.Table(predictions: ["epsilon", "v_prediction"]),
        Setting.Flag("skip_prk_steps", false),
        TableSettings.FinalAlphaOne(false),
        TableSettings.Spacing("leading"),
        TableSettings.Offset,
    ];

    public ImmutableArray<string> Samplers => ["plms", "pndm"];

    public NoiseProcess Process(SchedulerSettings settings) => NoiseProcess.VariancePreserving;

    public string? Counterpart(NoiseProcess process) => process == NoiseProcess.VariancePreserving ? ClassName : null;

    public SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        var schedule = TableSettings.Schedule(settings);
        var timesteps = TableLevels.Timesteps(ClassName, settings, request, schedule);
        var step = schedule.Count / timesteps.Length;
        var multistep = settings.Flag("skip_prk_steps");
        var calls = multistep ? Multistep(timesteps, step) : RungeKutta(timesteps, step);
        var finalAlphaOne = settings.Flag("set_alpha_to_one");
        var steps = calls.Select((call, i) => new TrajectoryStep(
            schedule.At(Math.Min(call.From, schedule.Count - 1)) with { Timestep = call.Timestep, Step = i },
            TableLevels.At(schedule, call.To, finalAlphaOne) with { Step = i, Stage = 1 }));
        return new(new Trajectory([.. steps], 1, schedule), TableSettings.Prediction(settings))
        {
            FirstCalls = [.. timesteps.Select((_, i) => multistep ? i + Math.Min(i, 1) : i + Math.Min(i, Pndm.RungeKuttaSteps) * 3)],
        };
    }

    private readonly record struct Call(int Timestep, int From, int To);

    // The second timestep is called twice, the first time to redo the first step with the mean of both outputs.
    private static IEnumerable<Call> Multistep(int[] timesteps, int step)
    {
        for (var i = 0; i < timesteps.Length; i++)
        {
            if (i == 1)
                yield return new(timesteps[1], timesteps[1] + step, timesteps[1]);
            yield return new(timesteps[i], timesteps[i], timesteps[i] - step);
        }
    }

    // Three classical Runge-Kutta steps of four calls each, then the multistep rule from the fourth timestep on.
    private static IEnumerable<Call> RungeKutta(int[] timesteps, int step)
    {
        if (timesteps.Length <= Pndm.RungeKuttaSteps)
            throw new SamplingOptionException("steps", $"PNDM with Runge-Kutta steps needs at least {Pndm.RungeKuttaSteps + 1} steps, not {timesteps.Length}.");
        var half = step / 2;
        for (var i = 0; i < Pndm.RungeKuttaSteps; i++)
        {
            var (t, next) = (timesteps[i], timesteps[i + 1]);
            yield return new(t, t, t - half);
            yield return new(next + half, t, next + half);
            yield return new(next + half, t, next);
            yield return new(next, t, next);
        }
        foreach (var t in timesteps[Pndm.RungeKuttaSteps..])
            yield return new(t, t, t - step);
    }
}

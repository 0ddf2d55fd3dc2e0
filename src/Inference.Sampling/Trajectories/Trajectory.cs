using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>One step of a trajectory, from a noisier level to a cleaner one.</summary>
public readonly record struct TrajectoryStep(NoiseLevel From, NoiseLevel To);

/// <summary>
/// Which noise levels a sampler visits, apart from how it integrates between them. Usually each step starts where the last one ended; diffusers'
/// DDIM on a grid that does not divide the training steps is an exception that parity keeps.
/// </summary>
public sealed class Trajectory(ImmutableArray<TrajectoryStep> steps, double initialScale, INoiseSchedule schedule)
{
    public ImmutableArray<TrajectoryStep> Steps { get; } = steps;

    /// <summary>The start is noise · InitialScale.</summary>
    public double InitialScale { get; } = initialScale;

    /// <summary>The model's continuous noise schedule, for samplers that evaluate between grid points.</summary>
    public INoiseSchedule Schedule { get; } = schedule;

    /// <summary>Steps left out at the start (image-to-image). Rules that look at the number of steps mean those of the whole trajectory.</summary>
    public int Skipped { get; init; }

    /// <summary>Steps left out at the end (a run that stops early).</summary>
    public int LeftOut { get; init; }

    /// <summary>Number of steps of the whole trajectory, those left out included.</summary>
    public int TotalSteps => Skipped + Steps.Length + LeftOut;

    /// <summary>Number of steps from step <paramref name="step"/> to the end of the whole trajectory: 1 for its last one.</summary>
    public int Remaining(int step) => Steps.Length - step + LeftOut;

    /// <summary>A trajectory through <paramref name="levels"/>, each step starting where the last one ended.</summary>
    public static Trajectory Through(IReadOnlyList<NoiseLevel> levels, double initialScale, INoiseSchedule schedule)
    {
        var steps = ImmutableArray.CreateBuilder<TrajectoryStep>(levels.Count - 1);
        for (var i = 0; i + 1 < levels.Count; i++)
            steps.Add(new(levels[i] with { Step = i }, levels[i + 1] with { Step = i, Stage = 1 }));
        return new(steps.MoveToImmutable(), initialScale, schedule);
    }

    /// <summary>The trajectory without its first <paramref name="count"/> steps; steps are counted from 0 again.</summary>
    public Trajectory Skip(int count)
    {
        var steps = Steps.Skip(count).Select((step, i) => new TrajectoryStep(step.From with { Step = i }, step.To with { Step = i }));
        return new([.. steps], InitialScale, Schedule) { Skipped = Skipped + count, LeftOut = LeftOut };
    }

    /// <summary>The trajectory's first <paramref name="count"/> steps.</summary>
    public Trajectory Take(int count) =>
        new(Steps[..count], InitialScale, Schedule) { Skipped = Skipped, LeftOut = LeftOut + Steps.Length - count };
}

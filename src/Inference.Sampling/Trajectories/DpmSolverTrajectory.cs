using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>How the DPM-Solver authors' code spaces its times (<c>skip_type</c>).</summary>
internal enum TimeSpacing
{
    /// <summary>Evenly in t.</summary>
    TimeUniform,

    /// <summary>Evenly in √t.</summary>
    TimeQuadratic,

    /// <summary>Evenly in λ.</summary>
    LogSnr,
}

/// <summary>The trajectories of the DPM-Solver authors' code over continuous time t = (timestep + 1)/T, from t = 1 down to 1/T (Lu et al. 2022,
/// arXiv:2206.00927, section 3.4 and appendix D).</summary>
internal static class DpmSolverTrajectory
{
    /// <summary><paramref name="steps"/> steps, spaced evenly.</summary>
    public static Trajectory Even(DpmSolverSchedule schedule, TimeSpacing spacing, int steps) =>
        Through(schedule, [.. Enumerable.Range(0, steps + 1).Select(i => (double)i / steps)], spacing);

    /// <summary>The nodes of singlestep steps of the given orders. Spaced by λ the steps are equally long whatever their order, as in the paper;
    /// spaced by time a step is as long as its order.</summary>
    public static Trajectory Singlestep(DpmSolverSchedule schedule, TimeSpacing spacing, SinglestepPlan plan)
    {
        var orders = Enumerable.Range(0, plan.Length).Select(i => plan[i]).ToArray();
        if (spacing != TimeSpacing.LogSnr)
            return Even(schedule, spacing, orders.Sum());
        var nodes = orders.SelectMany((order, i) => Enumerable.Range(0, order).Select(j => (i + (double)j / order) / orders.Length));
        return Through(schedule, [.. nodes, 1], spacing);
    }

    private static Trajectory Through(DpmSolverSchedule schedule, double[] fractions, TimeSpacing spacing)
    {
        var levels = Array.ConvertAll(fractions, fraction => schedule.At(Timestep(schedule, spacing, fraction)));
        var steps = levels.Zip(levels.Skip(1), (from, to) => new TrajectoryStep(from, to)).ToImmutableArray();
        return new(steps, 1, schedule);
    }

    private static double Timestep(DpmSolverSchedule schedule, TimeSpacing spacing, double fraction)
    {
        var (first, last) = (1.0, 1.0 / schedule.Count);
        var t = spacing switch
        {
            TimeSpacing.TimeUniform => first + fraction * (last - first),
            TimeSpacing.TimeQuadratic => Math.Pow(Math.Sqrt(first) + fraction * (Math.Sqrt(last) - Math.Sqrt(first)), 2),
            _ => (schedule.TimestepAt(Math.Exp(-Lambda(schedule, fraction))) + 1) / schedule.Count,
        };
        return t * schedule.Count - 1;
    }

    private static double Lambda(DpmSolverSchedule schedule, double fraction)
    {
        var (first, last) = (schedule.At(schedule.Count - 1).Lambda, schedule.At(0).Lambda);
        return first + fraction * (last - first);
    }
}

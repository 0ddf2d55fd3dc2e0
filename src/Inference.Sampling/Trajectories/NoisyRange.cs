namespace Inference.Sampling;

/// <summary>The range of a trajectory in which λ is finite, for solvers that choose their levels themselves.</summary>
internal readonly record struct NoisyRange(NoiseLevel Start, NoiseLevel End)
{
    /// <summary>From the first level to the last one that is not clean.</summary>
    /// <exception cref="SamplingOptionException">There is no such range to integrate over.</exception>
    public static NoisyRange Of(Trajectory trajectory)
    {
        var start = trajectory.Steps[0].From;
        var last = trajectory.Steps[^1];
        var end = last.To.IsClean ? last.From : last.To;
        Require.That(start.Alpha > 0, "sampler",
            "This sampler integrates over the log signal-to-noise ratio and cannot start from pure noise (zero terminal SNR, or flow matching from 1); choose a schedule that starts below it, or another sampler.");
        Require.That(end.Lambda > start.Lambda, "steps",
            "This sampler chooses its levels between the first and the last noisy level of the schedule, which must differ: ask for at least 2 steps.");
        return new(start, end);
    }

    /// <summary>The level that lies <paramref name="fraction"/> (0 to 1) of the way in λ.</summary>
    public NoiseLevel At(Trajectory trajectory, double fraction) => fraction switch
    {
        0 => Start,
        1 => End,
        _ => trajectory.LevelAt(Math.Exp(-(Start.Lambda + fraction * (End.Lambda - Start.Lambda)))),
    };
}

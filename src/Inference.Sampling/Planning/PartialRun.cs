namespace Inference.Sampling;

/// <summary>The part of a trajectory that a request asks for: image-to-image starts late, hand-overs end early.</summary>
internal static class PartialRun
{
    private const double Rounding = 1e-9;

    /// <exception cref="SamplingOptionException">No step is left.</exception>
    public static Trajectory Of(SchedulerRun run, SamplingOptions options)
    {
        var trajectory = run.Trajectory;
        var steps = run.FirstCalls.IsEmpty ? trajectory.Steps.Length : run.FirstCalls.Length;
        var first = First(options.Start, steps);
        var end = Math.Min(End(options.End, steps), Above(options.EndSigma));
        if (end <= first)
            throw new SamplingOptionException(
                options.EndSigma is null ? "end" : "end_sigma", $"No step is left between start and end: the run has {steps} steps, of which {first} are skipped.");
        return trajectory.Take(Call(end)).Skip(Call(first));

        // Calls of the network and steps differ for PNDM alone.
        int Call(int step) => run.FirstCalls.IsEmpty ? step : step == steps ? trajectory.Steps.Length : run.FirstCalls[step];

        int Above(double? sigma)
        {
            if (sigma is not { } limit)
                return steps;
            var count = 0;
            while (count < steps && trajectory.Steps[Call(count + 1) - 1].To.Kappa >= limit * (1 - Rounding))
                count++;
            return count;
        }
    }

    // diffusers, get_timesteps of the image-to-image pipelines: ⌊N·strength⌋ steps are left.
    private static int First(double start, int steps)
    {
        var skipped = steps - Math.Min(steps, (int)Math.Floor(steps * (1 - start) + Rounding));
        return skipped < steps
            ? skipped
            : throw new SamplingOptionException("start", $"With {steps} steps nothing is left to do after a start of {start}: at most {(steps - 1.0) / steps} can be skipped.");
    }

    private static int End(double end, int steps) => Math.Min(steps, (int)Math.Floor(steps * end + Rounding));
}

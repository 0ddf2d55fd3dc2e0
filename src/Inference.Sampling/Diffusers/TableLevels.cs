namespace Inference.Sampling;

/// <summary>Steps between entries of a variance-preserving table, for the classes that work on ᾱ directly (DDIM, DDPM, PNDM, LCM, TCD).</summary>
internal static class TableLevels
{
    /// <summary>Integer timesteps, descending: those given, else spaced as set.</summary>
    /// <exception cref="SamplingOptionException">σ or a ramp was asked for, or a timestep is not in the table.</exception>
    public static int[] Timesteps(string className, SchedulerSettings settings, RunRequest request, VariancePreservingSchedule schedule)
    {
        Refuse(className, request);
        var timesteps = Given(request, schedule) ?? Array.ConvertAll(
            TimestepTables.Points(TableSettings.SpacingOf(settings), request.Steps, schedule.Count, settings.Integer("steps_offset"), rounded: true), t => (int)t);
        // An offset may leave the table when the number of steps is near T; diffusers fails there.
        return Array.ConvertAll(timesteps, t => Math.Min(t, schedule.Count - 1));
    }

    /// <summary>The integer timesteps a request gives, or null.</summary>
    /// <exception cref="SamplingOptionException">A timestep is not an entry of the table.</exception>
    public static int[]? Given(RunRequest request, VariancePreservingSchedule schedule)
    {
        if (request.Timesteps is not { } given)
            return null;
        foreach (var t in given)
            if (t != Math.Floor(t) || t < 0 || t >= schedule.Count)
                throw new SamplingOptionException("timesteps", $"Timesteps must be integers between 0 and {schedule.Count - 1} for this sampler.");
        return Array.ConvertAll(given, t => (int)t);
    }

    /// <exception cref="SamplingOptionException">σ or a ramp was asked for.</exception>
    public static void Refuse(string className, RunRequest request)
    {
        if (request.Sigmas is not null)
            throw new SamplingOptionException("sigmas", $"{className} works on timesteps: give timesteps instead of sigmas.");
        RampSettings.Check(className, request.Ramp);
    }

    /// <summary>The level of a timestep; below 0 clean data, or timestep 0 where the class is set so.</summary>
    public static NoiseLevel At(VariancePreservingSchedule schedule, int timestep, bool finalAlphaOne) =>
        timestep >= 0 ? schedule.At(timestep) : finalAlphaOne ? new(1, 0) : schedule.At(0);

    /// <summary>The steps from each of <paramref name="timesteps"/> to the next, at last to <paramref name="end"/>.</summary>
    public static Trajectory Consecutive(VariancePreservingSchedule schedule, int[] timesteps, NoiseLevel end) =>
        Trajectory.Through([.. timesteps.Select(t => schedule.At(t)), end], 1, schedule);
}

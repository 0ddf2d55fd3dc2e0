namespace Inference.Sampling;

/// <summary>
/// The levels of diffusers' flow-matching classes. Without given shares the grid runs between the ends of the constructor's table, which is
/// shifted already, and is shifted again.
/// </summary>
internal static class FlowMatchLevels
{
    public static SchedulerRun Run(SchedulerSettings settings, RunRequest request)
    {
        var count = settings.Integer("num_train_timesteps");
        var shares = Shares(settings, request, count);
        var levels = shares.Select(s => FlowSchedule.FromSigma(s, s * count)).Append(FlowSchedule.FromSigma(0, 0)).ToArray();
        return new(Trajectory.Through(levels, 1, new FlowSchedule(count)), Predictions.Flow);
    }

    private static double[] Shares(SchedulerSettings settings, RunRequest request, int count)
    {
        var dynamic = settings.FlagOrFalse("use_dynamic_shifting");
        var shift = request.Shift ?? settings.Number("shift");
        var (first, last) = dynamic ? (1, 1.0 / count) : (FlowShift.Apply(shift, 1), FlowShift.Apply(shift, 1.0 / count));
        var given = FlowMultistepLevels.Given(settings, request);
        var even = given ?? Array.ConvertAll(Grid.Linspace(first * count, last * count, request.Steps), t => t / count);
        var shares = Array.ConvertAll(even, s => FlowShift.Apply(shift, s));
        if (settings.Has("shift_terminal") && settings.OptionalNumber("shift_terminal") is { } terminal and not 0)
            FlowShift.StretchToTerminal(shares, terminal);
        return FlowMultistepLevels.Ramped(settings, request, shares);
    }
}

namespace Inference.Sampling;

/// <summary>Where the levels of a <see cref="MultistepLevels"/> run end.</summary>
internal enum FinalLevel
{
    /// <summary>Clean data.</summary>
    Zero,

    /// <summary>The noise-to-signal ratio of timestep 0.</summary>
    TableMinimum,

    /// <summary>Where the last step began: the last step has no length.</summary>
    Repeated,
}

/// <summary>
/// The levels of diffusers' DPM-Solver, DEIS and UniPC: the state is variance-preserving, or a flow state with <c>use_flow_sigmas</c>. Ramps run
/// over the whole table whatever the spacing, timesteps become integers and the κ are not derived from them again.
/// </summary>
internal sealed record MultistepLevels(SchedulerSettings Settings, RunRequest Request, VariancePreservingSchedule Schedule)
{
    public TimestepSpacing Spacing { get; init; }

    /// <summary>Number of timesteps used: T without the noisiest ones whose λ is below a limit.</summary>
    public int LastTimestep { get; init; } = Schedule.Count;

    public required FinalLevel Final { get; init; }

    /// <summary>Where runs with a ramp or with flow levels end.</summary>
    public required FinalLevel FinalOfRamp { get; init; }

    /// <summary>Whether timesteps of the Karras ramp are rounded; otherwise they are cut off as those of other ramps.</summary>
    public bool RoundsKarras { get; init; } = true;

    public SchedulerRun Run()
    {
        if (Settings.Flag("use_flow_sigmas"))
            return FlowRun(FlowMultistepLevels.Shares(Settings, Request));

        var ramp = RampSettings.Of(Settings, Request);
        var (timesteps, kappas) = Visit(ramp);
        var last = (ramp.Ramp == SigmaRamp.Uniform ? Final : FinalOfRamp) switch
        {
            FinalLevel.Zero => 0,
            FinalLevel.TableMinimum => Schedule.Kappas[0],
            _ => kappas[^1],
        };
        var levels = timesteps.Select((t, i) => VariancePreservingSchedule.FromKappa(kappas[i], t))
            .Append(VariancePreservingSchedule.FromKappa(last, 0)).ToArray();
        return new(Trajectory.Through(levels, 1, Schedule), TableSettings.Prediction(Settings), TableSettings.ClippingOf(Settings));
    }

    /// <summary>The run through given noise shares s; the timesteps are T·s cut off to integers.</summary>
    public SchedulerRun FlowRun(double[] shares)
    {
        var last = FinalOfRamp switch
        {
            FinalLevel.Zero => 0,
            FinalLevel.TableMinimum => Schedule.Kappas[0],
            _ => shares[^1],
        };
        var levels = shares.Select(s => FlowSchedule.FromSigma(s, Math.Truncate(s * Schedule.Count)))
            .Append(FlowSchedule.FromSigma(last, Math.Truncate(last * Schedule.Count))).ToArray();
        return new(Trajectory.Through(levels, 1, new FlowSchedule(Schedule.Count)), TableSettings.Prediction(Settings), TableSettings.ClippingOf(Settings));
    }

    private (double[] Timesteps, double[] Kappas) Visit(RampChoice ramp)
    {
        if (Request.Sigmas is { } sigmas)
            return (Array.ConvertAll(sigmas, sigma => Grid.Round(Schedule.TimestepAt(sigma))), sigmas);
        if (Request.Timesteps is not null || ramp.Ramp == SigmaRamp.Uniform)
        {
            var timesteps = Request.Timesteps ?? TimestepTables.Intervals(
                Spacing, Request.Steps, Schedule.Count, LastTimestep, Settings.Has("steps_offset") ? Settings.Integer("steps_offset") : 0);
            return (timesteps, Array.ConvertAll(timesteps, Schedule.KappaAt));
        }
        RampSettings.Check("A variance-preserving model", ramp, RampSettings.OfTables);
        var largest = Settings.Has("sigma_max") ? Settings.OptionalNumber("sigma_max") : null;
        var smallest = Settings.Has("sigma_min") ? Settings.OptionalNumber("sigma_min") : null;
        var kappas = RampSettings.Kappas(ramp, Schedule, largest ?? Schedule.Kappas[^1], smallest ?? Schedule.Kappas[0], Request.Steps);
        var rounds = ramp.Ramp is SigmaRamp.AlignYourSteps or SigmaRamp.AlignYourStepsXl or SigmaRamp.Focused || (RoundsKarras && ramp.Ramp is (SigmaRamp.Karras or SigmaRamp.Lu));
        return (Array.ConvertAll(kappas, kappa => rounds ? Grid.Round(Schedule.TimestepAt(kappa)) : Math.Truncate(Schedule.TimestepAt(kappa))), kappas);
    }
}

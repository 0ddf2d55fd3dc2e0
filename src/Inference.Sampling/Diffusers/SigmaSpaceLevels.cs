namespace Inference.Sampling;

/// <summary>
/// The levels of diffusers' sigma-space schedulers on variance-preserving models (Euler, ancestral, Heun, LMS, KDPM2): the state is x/α
/// (α = 1, σ = κ), the last level is clean data. The κ of a ramp run between the first and the last κ of the spaced timesteps.
/// </summary>
internal sealed record SigmaSpaceLevels(SchedulerSettings Settings, RunRequest Request)
{
    /// <summary>ᾱ of the last timestep of models with zero terminal SNR, which κ needs to be positive.</summary>
    public const double LastAlphaOfZeroSnr = 1.0 / (1 << 24);

    /// <summary>Ends of the ramps; null: those of the spaced timesteps.</summary>
    public double? SmallestSigma { get; init; }

    public double? LargestSigma { get; init; }

    /// <summary>Whether the last level is the table's smallest κ instead of 0.</summary>
    public bool EndsAtTableMinimum { get; init; }

    /// <summary>Whether timesteps of the Karras ramp are rounded (KDPM2).</summary>
    public bool RoundsKarras { get; init; }

    /// <summary>N+1 values of κ evenly in ln κ, so that the final level is the table's smallest (Euler, <c>log_linear</c>).</summary>
    public bool LogLinear { get; init; }

    /// <summary>Whether the network is conditioned on ¼ ln κ (Euler, <c>continuous</c>).</summary>
    public bool ContinuousTimesteps { get; init; }

    public SchedulerRun Run()
    {
        var schedule = TableSettings.Schedule(Settings, LastAlphaOfZeroSnr);
        var (timesteps, kappas) = Visit(schedule);
        if (ContinuousTimesteps)
            timesteps = Array.ConvertAll(kappas, kappa => 0.25 * Math.Log(kappa));

        var last = LogLinear && kappas.Length > timesteps.Length ? kappas[timesteps.Length] : EndsAtTableMinimum ? schedule.Kappas[0] : 0;
        var levels = timesteps.Select((t, i) => new NoiseLevel(1, kappas[i]) { Timestep = t }).Append(new NoiseLevel(1, last)).ToArray();
        var largest = kappas.Max();
        var scale = TableSettings.SpacingOf(Settings) == TimestepSpacing.Leading ? Math.Sqrt(largest * largest + 1) : largest;
        return new(
            Trajectory.Through(levels, scale, ContinuousTimesteps ? new EdmSchedule() : schedule),
            TableSettings.Prediction(Settings),
            TableSettings.ClippingOf(Settings));
    }

    private (double[] Timesteps, double[] Kappas) Visit(VariancePreservingSchedule schedule)
    {
        if (Request.Sigmas is { } sigmas)
            return (Array.ConvertAll(sigmas, schedule.TimestepAt), sigmas);
        var timesteps = Request.Timesteps ?? Array.ConvertAll(
            TimestepTables.Points(TableSettings.SpacingOf(Settings), Request.Steps, schedule.Count, Settings.Integer("steps_offset"), rounded: false),
            t => Math.Min(t, schedule.Count - 1));
        var kappas = LogLinear
            ? SigmaRamps.Exponential(schedule.Kappas[^1], schedule.Kappas[0], timesteps.Length + 1)
            : Array.ConvertAll(timesteps, schedule.KappaAt);
        var ramp = RampSettings.Of(Settings, Request);
        if (ramp.Ramp == SigmaRamp.Uniform)
            return (timesteps, kappas);
        RampSettings.Check("A variance-preserving model", ramp, RampSettings.OfTables);

        kappas = RampSettings.Kappas(ramp, schedule, LargestSigma ?? kappas[0], SmallestSigma ?? kappas[^1], timesteps.Length);
        var rounds = ramp.Ramp is SigmaRamp.AlignYourSteps or SigmaRamp.AlignYourStepsXl || (RoundsKarras && ramp.Ramp == SigmaRamp.Karras);
        return (Array.ConvertAll(kappas, kappa => rounds ? Grid.Round(schedule.TimestepAt(kappa)) : schedule.TimestepAt(kappa)), kappas);
    }
}

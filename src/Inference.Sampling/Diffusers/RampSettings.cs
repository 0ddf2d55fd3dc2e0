using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>The flags by which diffusers classes choose a sigma ramp.</summary>
internal static class RampSettings
{
    private static readonly (string Flag, SigmaRamp Ramp)[] _flags =
    [
        ("use_karras_sigmas", SigmaRamp.Karras),
        ("use_lu_lambdas", SigmaRamp.Lu),
        ("use_exponential_sigmas", SigmaRamp.Exponential),
        ("use_beta_sigmas", SigmaRamp.Beta),
    ];

    /// <summary>The ramps of models that have a table of timesteps.</summary>
    public static ReadOnlySpan<SigmaRamp> OfTables =>
    [
        SigmaRamp.Karras, SigmaRamp.Exponential, SigmaRamp.PolyExponential, SigmaRamp.Focused, SigmaRamp.Beta, SigmaRamp.Lu, SigmaRamp.TimeQuadratic,
        SigmaRamp.AlignYourSteps, SigmaRamp.AlignYourStepsXl,
    ];

    public static ImmutableArray<Setting> Settings { get; } =
        [Setting.Flag("use_karras_sigmas", false), Setting.Flag("use_exponential_sigmas", false), Setting.Flag("use_beta_sigmas", false)];

    /// <summary>The ramp of a run: the one asked for, else the one that is set.</summary>
    /// <exception cref="SchedulerConfigException">More than one ramp is set.</exception>
    public static RampChoice Of(SchedulerSettings settings, RunRequest request)
    {
        var set = _flags.Where(entry => settings.FlagOrFalse(entry.Flag)).ToArray();
        if (set.Length > 1)
            throw new SchedulerConfigException($"Only one of {string.Join(", ", set.Select(entry => entry.Flag))} can be set.");
        return request.Ramp ?? new(set.Length == 1 ? set[0].Ramp : SigmaRamp.Uniform);
    }

    /// <summary>Refuses ramps other than <paramref name="allowed"/>.</summary>
    /// <exception cref="SamplingOptionException">The ramp is not allowed.</exception>
    public static void Check(string className, RampChoice? choice, params ReadOnlySpan<SigmaRamp> allowed)
    {
        if (choice is not { } asked || asked.Ramp == SigmaRamp.Uniform || allowed.Contains(asked.Ramp))
            return;
        SigmaRamp[] names = [SigmaRamp.Uniform, .. allowed];
        throw new SamplingOptionException("schedule",
            $"{className} cannot use schedule '{SigmaRampNames.Of(asked.Ramp)}'. Allowed: {string.Join(", ", names.Select(SigmaRampNames.Of))}.");
    }

    /// <summary>A ramp between two ends of a variance-preserving model.</summary>
    public static double[] Kappas(RampChoice choice, VariancePreservingSchedule schedule, double largest, double smallest, int count) => choice.Ramp switch
    {
        SigmaRamp.TimeQuadratic => Array.ConvertAll(SigmaRamps.Karras(schedule.Count, 1, count, rho: 2), t => schedule.KappaAt(t - 1)),
        SigmaRamp.Lu => Array.ConvertAll(
            SigmaRamps.Karras(schedule.LogKappas[^1], schedule.LogKappas[0], count, rho: 1), Math.Exp),
        SigmaRamp.AlignYourSteps or SigmaRamp.AlignYourStepsXl => AlignYourSteps.Kappas(choice.Ramp, schedule, count),
        SigmaRamp.Focused => SigmaRamps.Focused(schedule.Kappas[^1], schedule.Kappas[0], count),
        _ => Between(choice, largest, smallest, count),
    };

    /// <summary>A ramp that its two ends describe.</summary>
    /// <exception cref="SamplingOptionException">It needs more than its ends.</exception>
    public static double[] Between(RampChoice choice, double largest, double smallest, int count) => choice.Ramp switch
    {
        SigmaRamp.Karras => SigmaRamps.Karras(largest, smallest, count, choice.Rho ?? 7),
        SigmaRamp.Exponential => SigmaRamps.Exponential(largest, smallest, count),
        SigmaRamp.PolyExponential => SigmaRamps.PolyExponential(largest, smallest, count, choice.Rho ?? 1),
        SigmaRamp.Beta => SigmaRamps.Beta(largest, smallest, count),
        _ => throw new SamplingOptionException("schedule", $"Schedule '{SigmaRampNames.Of(choice.Ramp)}' is made for models of another kind."),
    };
}

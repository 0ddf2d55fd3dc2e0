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

    public static ImmutableArray<Setting> Settings { get; } =
        [Setting.Flag("use_karras_sigmas", false), Setting.Flag("use_exponential_sigmas", false), Setting.Flag("use_beta_sigmas", false)];

    /// <summary>The ramp of a run: the one asked for, else the one that is set.</summary>
    /// <exception cref="SchedulerConfigException">More than one ramp is set.</exception>
    public static SigmaRamp Of(SchedulerSettings settings, RunRequest request)
    {
        var set = _flags.Where(entry => settings.FlagOrFalse(entry.Flag)).ToArray();
        if (set.Length > 1)
            throw new SchedulerConfigException($"Only one of {string.Join(", ", set.Select(entry => entry.Flag))} can be set.");
        return request.Ramp ?? (set.Length == 1 ? set[0].Ramp : SigmaRamp.Uniform);
    }

    /// <summary>Refuses ramps other than <paramref name="allowed"/>.</summary>
    /// <exception cref="SamplingOptionException">The ramp is not allowed.</exception>
    public static void Check(string className, SigmaRamp ramp, params ReadOnlySpan<SigmaRamp> allowed)
    {
        if (ramp == SigmaRamp.Uniform || allowed.Contains(ramp))
            return;
        SigmaRamp[] names = [SigmaRamp.Uniform, .. allowed];
        throw new SamplingOptionException("schedule",
            $"{className} cannot use schedule '{SigmaRampNames.Of(ramp)}'. Allowed: {string.Join(", ", names.Select(SigmaRampNames.Of))}.");
    }

    /// <summary>A ramp between two ends of a variance-preserving model.</summary>
    public static double[] Kappas(SigmaRamp ramp, VariancePreservingSchedule schedule, double largest, double smallest, int count) => ramp switch
    {
        SigmaRamp.Karras => SigmaRamps.Karras(largest, smallest, count),
        SigmaRamp.Exponential => SigmaRamps.Exponential(largest, smallest, count),
        SigmaRamp.Beta => SigmaRamps.Beta(largest, smallest, count),
        SigmaRamp.Lu => Array.ConvertAll(
            SigmaRamps.Karras(schedule.LogKappas[^1], schedule.LogKappas[0], count, rho: 1), Math.Exp),
        SigmaRamp.AlignYourSteps or SigmaRamp.AlignYourStepsXl => AlignYourSteps.Kappas(ramp, schedule, count),
        _ => throw new ArgumentOutOfRangeException(nameof(ramp)),
    };
}

/// <summary>Names of the ramps in requests.</summary>
internal static class SigmaRampNames
{
    private static readonly (string Name, SigmaRamp Ramp)[] _names =
    [
        ("uniform", SigmaRamp.Uniform),
        ("karras", SigmaRamp.Karras),
        ("exponential", SigmaRamp.Exponential),
        ("beta", SigmaRamp.Beta),
        ("lu", SigmaRamp.Lu),
        ("ays", SigmaRamp.AlignYourSteps),
        ("ays-sdxl", SigmaRamp.AlignYourStepsXl),
        ("simple", SigmaRamp.Uniform),
        ("normal", SigmaRamp.Uniform),
    ];

    public static string Of(SigmaRamp ramp) => _names.First(entry => entry.Ramp == ramp).Name;

    /// <exception cref="SamplingOptionException">There is no such schedule.</exception>
    public static SigmaRamp Parse(string name)
    {
        foreach (var entry in _names)
            if (string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase))
                return entry.Ramp;
        throw new SamplingOptionException("schedule", $"Schedule '{name}' is unknown. Allowed: {string.Join(", ", All)}.");
    }

    public static IEnumerable<string> All => _names.Select(entry => entry.Name);
}

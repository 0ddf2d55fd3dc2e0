namespace Inference.Sampling;

/// <summary>Names of the ramps in requests.</summary>
public static class SigmaRampNames
{
    private static readonly (string Name, SigmaRamp Ramp)[] _names =
    [
        ("uniform", SigmaRamp.Uniform),
        ("karras", SigmaRamp.Karras),
        ("polynomial", SigmaRamp.Karras),
        ("exponential", SigmaRamp.Exponential),
        ("polyexponential", SigmaRamp.PolyExponential),
        ("focused", SigmaRamp.Focused),
        ("beta", SigmaRamp.Beta),
        ("lu", SigmaRamp.Lu),
        ("log-snr", SigmaRamp.Lu),
        ("time-quadratic", SigmaRamp.TimeQuadratic),
        ("ays", SigmaRamp.AlignYourSteps),
        ("ays-sdxl", SigmaRamp.AlignYourStepsXl),
        ("ays-svd", SigmaRamp.AlignYourStepsVideo),
        ("simple", SigmaRamp.Uniform),
        ("normal", SigmaRamp.Uniform),
    ];

    internal static string Of(SigmaRamp ramp) => _names.First(entry => entry.Ramp == ramp).Name;

    /// <exception cref="SamplingOptionException">There is no such schedule.</exception>
    internal static SigmaRamp Parse(string name)
    {
        foreach (var entry in _names)
            if (string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase))
                return entry.Ramp;
        throw new SamplingOptionException("schedule", $"Schedule '{name}' is unknown. Allowed: {string.Join(", ", All)}.");
    }

    /// <summary>The names, several for some schedules.</summary>
    public static IEnumerable<string> All => _names.Select(entry => entry.Name);

    /// <summary>Each schedule once.</summary>
    public static IEnumerable<ScheduleDescriptor> Schedules => _names.GroupBy(entry => entry.Ramp, entry => entry.Name)
        .Select(names => new ScheduleDescriptor(names.First(), [.. names.Skip(1)], Describe(names.Key), names.Key is SigmaRamp.Karras or SigmaRamp.PolyExponential));

    private static string Describe(SigmaRamp ramp) => ramp switch
    {
        SigmaRamp.Uniform => "As the model's timesteps give the levels.",
        SigmaRamp.Karras => "Even in a root of sigma: more steps near the picture (Karras et al. 2022, arXiv:2206.00364).",
        SigmaRamp.Exponential => "Even in the logarithm of sigma.",
        SigmaRamp.PolyExponential => "The logarithm of sigma as a power of the index (k-diffusion).",
        SigmaRamp.Focused => "Even in the logarithm of sigma where the picture forms, one step down to there.",
        SigmaRamp.Beta => "Quantiles of Beta(0.6, 0.6): more steps at both ends (Lee et al. 2024, arXiv:2407.12173).",
        SigmaRamp.Lu => "Even in the logarithm of the signal-to-noise ratio over the model's whole table (Lu et al. 2022, arXiv:2206.00927).",
        SigmaRamp.TimeQuadratic => "Even in the square root of time, as in the DPM-Solver authors' code.",
        SigmaRamp.AlignYourSteps => "Align Your Steps for Stable Diffusion 1 (Sabour et al. 2024, arXiv:2404.14507).",
        SigmaRamp.AlignYourStepsXl => "Align Your Steps for SDXL.",
        _ => "Align Your Steps for Stable Video Diffusion.",
    };
}

/// <summary>A schedule as it is shown to users.</summary>
/// <param name="Id">Name in requests.</param>
/// <param name="Aliases">Other names in requests.</param>
/// <param name="Description">One sentence, with its source.</param>
/// <param name="TakesRho">Whether <c>rho</c> shapes it.</param>
public sealed record ScheduleDescriptor(string Id, IReadOnlyList<string> Aliases, string Description, bool TakesRho);

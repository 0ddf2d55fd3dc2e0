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
}

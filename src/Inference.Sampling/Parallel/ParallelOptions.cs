using System.Collections.Immutable;
using System.Globalization;

namespace Inference.Sampling;

/// <summary>Options that several parallel methods have.</summary>
internal static class ParallelOptions
{
    /// <summary>Text of a window that follows the load.</summary>
    public const string Auto = "auto";

    public const int MaxSteps = 1000;

    public static SamplerOption Window { get; } = new(
        "window", "Evaluations side by side: a number from 1, or auto: what the device has nearly free, one under load.", Auto);

    public static SamplerOption ToleranceOfNoise(double @default) => Tolerance(
        @default, "Change of a state that counts as converged, in units of the noise of a DDPM step there; 0 gives the plain run.");

    public static SamplerOption ToleranceOfState(double @default) => Tolerance(
        @default, "Change of a state that counts as converged, root mean square in units of the noisy state; 0 gives the plain run.");

    /// <summary>Options of methods whose states can be kept and started from.</summary>
    public static ImmutableArray<SamplerOption> States { get; } =
    [
        new("keep", "Whether the states are kept, for similar requests to start from; the response names them under run.", false),
        new("warm_start", "The run of an earlier response to start from, of as many steps; none when empty.", ""),
        Count("variation_steps", "With warm_start: steps at the end that are run; those before are the former run's. 1000 is all.", MaxSteps, 1, MaxSteps),
    ];

    public static SamplerOption Count(string name, string description, double @default, int minimum, int maximum) =>
        new(name, description, @default) { Minimum = minimum, Maximum = maximum, IsInteger = true };

    /// <summary>The width that a request chose; null: it follows the load.</summary>
    /// <exception cref="SamplingOptionException">It is neither a number from 1 nor auto.</exception>
    public static int? Width(object? window) => (window is null ? Auto : SamplerOptionReader.Normalized(window)) switch
    {
        Auto => null,
        double number when number >= 1 && number <= MaxSteps && number == Math.Floor(number) => (int)number,
        var other => throw new SamplingOptionException("window", string.Create(CultureInfo.InvariantCulture, $"window must be {Auto} or an integer between 1 and {MaxSteps}, not '{other}'.")),
    };

    private static SamplerOption Tolerance(double @default, string description) => new("tolerance", description, @default) { Minimum = 0, Maximum = 10 };
}

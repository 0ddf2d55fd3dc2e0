using System.Globalization;

namespace Inference.Sampling;

/// <summary>Checks of sampler options; the message names the option and what is allowed.</summary>
internal static class Require
{
    /// <exception cref="SamplingOptionException">The value is NaN or outside the range.</exception>
    public static void InRange(string option, double value, double minimum, double maximum)
    {
        if (value >= minimum && value <= maximum)
            return;
        throw new SamplingOptionException(option, string.Create(CultureInfo.InvariantCulture,
            $"{option} must be between {minimum} and {maximum}, not {value}."));
    }

    /// <exception cref="SamplingOptionException">The condition does not hold.</exception>
    public static void That(bool condition, string option, string message)
    {
        if (!condition)
            throw new SamplingOptionException(option, message);
    }
}

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

    /// <summary>A check that is made in every step: its message is put together only when it fails.</summary>
    /// <exception cref="SamplingOptionException">An adaptive method has attempted as many steps as it may.</exception>
    public static void AttemptsLeft(int attempt, int maximum)
    {
        if (attempt >= maximum)
            throw new SamplingOptionException(
                "max_attempts", $"The tolerances rtol and atol were not reached within max_attempts = {maximum} attempted steps.");
    }
}

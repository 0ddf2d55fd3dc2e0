using System.Globalization;

namespace Inference.LoadTest;

/// <summary>Durations and rate ranges as users write them.</summary>
public static class Units
{
    private static readonly (string Suffix, double Seconds)[] Suffixes = [("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>Reads <c>250ms</c>, <c>2s</c>, <c>1.5m</c> or <c>1h</c>; above 0 and at most a day.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (suffix, seconds) in Suffixes)
            if (text.EndsWith(suffix, StringComparison.Ordinal) && TryParseNumber(text[..^suffix.Length], out var value))
            {
                var total = value * seconds;
                if (total is <= 0 or > 86_400)
                    return false;
                duration = TimeSpan.FromSeconds(total);
                return duration > TimeSpan.Zero;
            }
        return false;
    }

    /// <summary>Reads <c>1..8</c>: a range of rates a second.</summary>
    public static bool TryParseRange(string text, out (double From, double To) range)
    {
        range = default;
        var parts = text.Split("..");
        if (parts.Length != 2 || !TryParseNumber(parts[0], out var from) || !TryParseNumber(parts[1], out var to))
            return false;
        range = (from, to);
        return true;
    }

    /// <summary>Writes a duration with the unit that fits: <c>250 ms</c>, <c>2 s</c>.</summary>
    public static string Format(TimeSpan duration) => duration.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.###} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.###} s");

    internal static bool TryParseNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}

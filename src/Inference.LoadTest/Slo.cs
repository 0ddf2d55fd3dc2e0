using System.Globalization;

namespace Inference.LoadTest;

/// <summary>A service level objective: a share of all requests answered well within a time. Failed requests miss it.</summary>
/// <param name="Within">Longest good latency, from the intended arrival.</param>
/// <param name="Share">Share of requests that must be good, in (0, 1).</param>
public sealed record Slo(TimeSpan Within, double Share)
{
    /// <summary>Reads <c>2s@p95</c>: a duration, and a percentile above 0 and below 100.</summary>
    public static bool TryParse(string text, out Slo? slo)
    {
        slo = null;
        var parts = text.Split("@p");
        if (parts.Length != 2 || !Units.TryParseDuration(parts[0], out var within) || !Units.TryParseNumber(parts[1], out var percent) || percent is <= 0 or >= 100)
            return false;
        slo = new(within, percent / 100);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Units.Format(Within)} at p{Share * 100:0.##}");
}

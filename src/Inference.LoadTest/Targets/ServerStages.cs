using System.Globalization;
using System.Text.Json;

namespace Inference.LoadTest;

/// <summary>Times that servers report about themselves: our <c>inference.timings_ms</c>, and the header Server-Timing (W3C) of any server.</summary>
internal static class ServerStages
{
    private const int MaxStages = 16;

    public static IReadOnlyList<StageTime> FromBody(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("inference", out var inference)
        && inference.ValueKind == JsonValueKind.Object && inference.TryGetProperty("timings_ms", out var timings) && timings.ValueKind == JsonValueKind.Object
            ? [.. timings.EnumerateObject()
                .Where(stage => stage.Value.ValueKind == JsonValueKind.Number && stage.Value.TryGetDouble(out var value) && value >= 0)
                .Take(MaxStages).Select(stage => new StageTime(stage.Name, stage.Value.GetDouble()))]
            : [];

    /// <summary>Reads <c>queue;dur=12.3, decode;desc="x";dur=4</c>; what has no duration is left out.</summary>
    public static IReadOnlyList<StageTime> FromHeader(IEnumerable<string> values)
    {
        var stages = new List<StageTime>();
        foreach (var metric in values.SelectMany(value => value.Split(',')).Take(MaxStages))
        {
            var parts = metric.Split(';', StringSplitOptions.TrimEntries);
            var duration = parts.Skip(1).FirstOrDefault(part => part.StartsWith("dur=", StringComparison.OrdinalIgnoreCase));
            if (parts[0].Length > 0 && duration is not null && double.TryParse(duration[4..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0 && double.IsFinite(value))
                stages.Add(new(parts[0], value));
        }
        return stages;
    }
}

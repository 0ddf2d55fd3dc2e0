using System.Collections.Immutable;
using System.Text.Json;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>Cache presets: a name for the quality that is wanted, so that nobody need know a policy.</summary>
public static class CachePreset
{
    /// <summary>Every step in full: needs no calibration.</summary>
    public const string Exact = "exact";

    /// <summary>The presets that calibration makes, with their targets: PSNR against the plain run's pictures, dB.</summary>
    public static ImmutableArray<(string Name, double Decibels)> Targets { get; } = [("high", 40), ("balanced", 34), ("fast", 28)];

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => Targets.Select(target => target.Name).Prepend(Exact);

    /// <summary>What a preset is for a run of a number of steps; null computes every step in full.</summary>
    /// <exception cref="SamplingOptionException">There is no such preset, or the model has no calibration.</exception>
    internal static CacheRequest? Resolve(string name, int steps, string model, ModelCalibration calibration)
    {
        if (!Names.Contains(name))
            throw new SamplingOptionException("cache_preset", $"'cache_preset' must be one of {string.Join(", ", Names)}, not '{name}'.");
        if (name == Exact)
            return null;
        if (calibration.Value is not { } value)
            throw new SamplingOptionException("cache_preset", $"'cache_preset' {name} cannot be used with model '{model}': {calibration.Problem ?? "it was not calibrated"}. 'inference calibrate {model}' makes its presets; '{Exact}' needs none.");
        // Fewer steps than any that was measured lie further apart: nothing is promised for them.
        return value.Covering(steps)?.Presets.FirstOrDefault(preset => preset.Name == name) is { Policy: { } policy } found
            ? new(policy, found.Options.ToDictionary(option => option.Key, option => ValueOf(option.Value)))
            : null;
    }

    private static object ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        _ => value.ToString(),
    };
}

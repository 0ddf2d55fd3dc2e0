namespace Inference.Sampling;

/// <summary>The checks of a request that need no model.</summary>
internal static class RequestChecks
{
    private const int MaximumSteps = 1000;

    /// <exception cref="SamplingOptionException">A value is out of range or contradicts another.</exception>
    public static SamplingOptions Validated(SamplingOptions options)
    {
        Require.InRange("steps", options.Timesteps?.Count ?? options.Sigmas?.Count ?? options.Steps, 1, MaximumSteps);
        Require.That(options.Start is >= 0 and < 1, "start", $"start must be at least 0 and less than 1, not {options.Start}.");
        Require.That(options.FlowShift is null or > 0, "flow_shift", $"flow_shift must be greater than 0, not {options.FlowShift}.");
        Require.That(options.ImageTokens is null or > 0, "image_tokens", $"image_tokens must be at least 1, not {options.ImageTokens}.");
        Require.That(options.Timesteps is null || options.Sigmas is null, "sigmas", "Give either timesteps or sigmas, not both.");
        Require.That(
            options.Schedule is null || (options.Timesteps is null && options.Sigmas is null), "schedule", "A schedule cannot be combined with timesteps or sigmas.");
        Descending("timesteps", options.Timesteps);
        Descending("sigmas", options.Sigmas);
        // A final 0 is where every run ends anyway.
        if (options.Sigmas is { Count: > 1 } sigmas && sigmas[^1] == 0)
            options = options with { Sigmas = [.. sigmas.SkipLast(1)] };
        Require.That(options.Sigmas is null || options.Sigmas[^1] > 0, "sigmas", "sigmas must be greater than 0, but for a final 0.");
        return options;
    }

    private static void Descending(string name, IReadOnlyList<double>? values)
    {
        for (var i = 0; i < values?.Count; i++)
            Require.That(
                double.IsFinite(values[i]) && (i == 0 || values[i] < values[i - 1]), name, $"{name} must be finite and strictly descending.");
    }
}

using System.Globalization;

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
        Require.That(options.End > options.Start && options.End <= 1, "end", $"end must be greater than start ({options.Start}) and at most 1, not {options.End}.");
        Require.That(options.EndSigma is null or >= 0, "end_sigma", $"end_sigma must be at least 0, not {options.EndSigma}.");
        Require.That(options.Rho is null or (> 0 and <= 100), "rho", $"rho must be greater than 0 and at most 100, not {options.Rho}.");
        Require.That(options.FlowShift is null or (> 0 and <= double.MaxValue), "flow_shift", $"flow_shift must be greater than 0 and finite, not {options.FlowShift}.");
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

    /// <summary>An order that a request names has to be reachable; the order of a model or a default is lowered instead.</summary>
    /// <exception cref="SamplingOptionException">It is larger than the number of steps.</exception>
    public static void OrderWithinSteps(SamplerDescriptor sampler, IReadOnlyDictionary<string, object> given, int steps)
    {
        // Adaptive methods choose the number of steps themselves.
        if (sampler.EvaluationsPerStep == 0)
            return;
        foreach (var name in (ReadOnlySpan<string>)["order", "solver_order", "predictor_order", "corrector_order"])
            if (given.TryGetValue(name, out var value) && SamplerOptionReader.Normalized(value) is double order && order > steps)
                throw new SamplingOptionException(name, string.Create(
                    CultureInfo.InvariantCulture, $"{name} must be at most the number of steps, {steps}, not {order}: ask for more steps or a lower order."));
    }

    /// <exception cref="SamplingOptionException">The network predicts noise, from which pure noise tells nothing about the data.</exception>
    public static void PredictionFits(SchedulerRun run, SamplerDescriptor sampler)
    {
        if (run.Prediction == Predictions.Epsilon && run.Trajectory.Steps.Any(step => step.From.Alpha == 0))
            throw new SamplingOptionException("sampler",
                $"Sampler '{sampler.Id}' starts at zero terminal SNR (rescale_betas_zero_snr), where a model with prediction_type 'epsilon' cannot be evaluated: choose spacing 'leading', or a model that predicts v_prediction or sample.");
    }

    private static void Descending(string name, IReadOnlyList<double>? values)
    {
        for (var i = 0; i < values?.Count; i++)
            Require.That(
                double.IsFinite(values[i]) && (i == 0 || values[i] < values[i - 1]), name, $"{name} must be finite and strictly descending.");
    }
}

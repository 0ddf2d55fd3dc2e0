using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>Noise shares s of diffusers' multistep classes with <c>use_flow_sigmas</c>. The order of the operations decides about the integer
/// timesteps.</summary>
internal static class FlowMultistepLevels
{
    public static ImmutableArray<Setting> Settings { get; } =
    [
        Setting.Flag("use_flow_sigmas", false),
        Setting.Number("flow_shift", 1, 0),
        Setting.Flag("use_dynamic_shifting", false),
        Setting.OneOf("time_shift_type", "exponential", "exponential", "linear"),
    ];

    /// <summary>The shares of DPM-Solver and DEIS: they start one training step below pure noise.</summary>
    public static double[] Shares(SchedulerSettings settings, RunRequest request)
    {
        var shift = request.Shift ?? settings.Number("flow_shift");
        if (Given(settings, request) is { } given)
            return Array.ConvertAll(given, s => FlowShift.Apply(shift, s));
        var shares = Array.ConvertAll(
            Grid.Linspace(1, 1.0 / settings.Integer("num_train_timesteps"), request.Steps + 1), alpha => FlowShift.Apply(shift, 1 - alpha))[1..];
        Array.Reverse(shares);
        return Ramped(settings, request, shares);
    }

    /// <summary>The shares a request gives, before shifting; null when it gives none.</summary>
    public static double[]? Given(SchedulerSettings settings, RunRequest request) =>
        request.Sigmas ?? (request.Timesteps is { } timesteps ? Array.ConvertAll(timesteps, t => t / settings.Integer("num_train_timesteps")) : null);

    /// <summary>The shares on a ramp between their ends.</summary>
    public static double[] Ramped(SchedulerSettings settings, RunRequest request, double[] shares)
    {
        var ramp = RampSettings.Of(settings, request);
        RampSettings.Check("A flow model", ramp, SigmaRamp.Karras, SigmaRamp.Exponential, SigmaRamp.PolyExponential, SigmaRamp.Beta);
        return ramp.Ramp == SigmaRamp.Uniform ? shares : RampSettings.Between(ramp, shares[0], shares[^1], shares.Length);
    }
}

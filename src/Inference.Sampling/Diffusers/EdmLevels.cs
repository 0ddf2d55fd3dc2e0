using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>Settings and levels of diffusers' EDM classes (Karras et al. 2022, arXiv:2206.00364, eq. 5 and table 1).</summary>
internal static class EdmLevels
{
    public static ImmutableArray<Setting> Settings { get; } =
    [
        Setting.Number("sigma_min", 0.002, 0),
        Setting.Number("sigma_max", 80, 0),
        Setting.Number("sigma_data", 0.5, 0),
        Setting.OneOf("sigma_schedule", "karras", "karras", "exponential"),
        Setting.Integer("num_train_timesteps", 1000, 1, 100_000),
        Setting.OneOf("prediction_type", "epsilon", "epsilon", "v_prediction"),
        Setting.Number("rho", 7, 0),
        TableSettings.FinalSigmas,
    ];

    /// <param name="final">The last level of a run through given σ.</param>
    public static SchedulerRun Run(SchedulerSettings settings, RunRequest request, Func<double[], double> final, IDataClipping? clipping)
    {
        var sigmas = Sigmas(settings, request);
        var levels = sigmas.Select(Level).Append(new NoiseLevel(1, final(sigmas))).ToArray();
        var largest = settings.Number("sigma_max");
        return new(
            Trajectory.Through(levels, Math.Sqrt(largest * largest + 1), new EdmSchedule()),
            new EdmPrediction(settings.Number("sigma_data"), settings.Text("prediction_type")),
            clipping);
    }

    private static NoiseLevel Level(double sigma) => new(1, sigma) { Timestep = 0.25 * Math.Log(sigma) };

    private static double[] Sigmas(SchedulerSettings settings, RunRequest request)
    {
        if (request.Sigmas is { } given)
            return given;
        if (request.Timesteps is { } timesteps)
            return Array.ConvertAll(timesteps, t => Math.Exp(4 * t));
        var (largest, smallest) = (settings.Number("sigma_max"), settings.Number("sigma_min"));
        RampSettings.Check(
            "An EDM model", request.Ramp, SigmaRamp.Karras, SigmaRamp.Exponential, SigmaRamp.PolyExponential, SigmaRamp.Lu, SigmaRamp.AlignYourStepsVideo);
        var ramp = request.Ramp is { Ramp: not SigmaRamp.Uniform } asked ? asked
            : new RampChoice(settings.Text("sigma_schedule") == "karras" ? SigmaRamp.Karras : SigmaRamp.Exponential);
        return ramp.Ramp switch
        {
            SigmaRamp.Karras => RampSettings.Between(ramp with { Rho = ramp.Rho ?? settings.Number("rho") }, largest, smallest, request.Steps),
            SigmaRamp.PolyExponential => RampSettings.Between(ramp, largest, smallest, request.Steps),
            SigmaRamp.AlignYourStepsVideo => AlignYourSteps.VideoSigmas(largest, request.Steps),
            // Even in ln σ is even in λ.
            _ => request.Steps == 1 ? [smallest] : SigmaRamps.Exponential(largest, smallest, request.Steps),
        };
    }
}

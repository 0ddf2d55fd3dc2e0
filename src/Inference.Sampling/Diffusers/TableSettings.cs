using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>Settings and rules that the discrete variance-preserving classes share: the β table, the prediction, the spacing, clipping.</summary>
internal static class TableSettings
{
    private const int MaximumTimesteps = 100_000;

    /// <summary>The settings of the β table and the prediction type.</summary>
    public static ImmutableArray<Setting> Table(string schedule = "linear", double first = 0.0001, double last = 0.02, params ReadOnlySpan<string> predictions) =>
    [
        Setting.Integer("num_train_timesteps", 1000, 2, MaximumTimesteps),
        Setting.Number("beta_start", first, 0, 1),
        Setting.Number("beta_end", last, 0, 1),
        Setting.OneOf("beta_schedule", schedule, "linear", "scaled_linear", "squaredcos_cap_v2", "exp", "sigmoid"),
        Setting.Numbers("trained_betas", null),
        Setting.OneOf("prediction_type", "epsilon", predictions),
    ];

    public static Setting Spacing(string value) => Setting.OneOf("timestep_spacing", value, "linspace", "leading", "trailing");

    public static Setting Offset { get; } = Setting.Integer("steps_offset", 0, 0, MaximumTimesteps);

    public static Setting ZeroTerminalSnr { get; } = Setting.Flag("rescale_betas_zero_snr", false);

    public static Setting FinalAlphaOne(bool value) => Setting.Flag("set_alpha_to_one", value);

    public static Setting FinalSigmas { get; } = Setting.OneOf("final_sigmas_type", "zero", "zero", "sigma_min");

    public static ImmutableArray<Setting> Clipping(bool clip) =>
        [Setting.Flag("clip_sample", clip), Setting.Number("clip_sample_range", 1, 0)];

    public static ImmutableArray<Setting> Thresholding { get; } =
    [
        Setting.Flag("thresholding", false),
        Setting.Number("dynamic_thresholding_ratio", 0.995, 0, 1),
        Setting.Number("sample_max_value", 1, 1),
    ];

    /// <summary>The model's table. <paramref name="lastAlpha"/> replaces ᾱ of the last timestep where a zero there could not be divided by.</summary>
    public static VariancePreservingSchedule Schedule(SchedulerSettings settings, double? lastAlpha = null)
    {
        var betas = Betas(settings);
        var zeroSnr = settings.FlagOrFalse(ZeroTerminalSnr.Name);
        if (zeroSnr)
            betas = BetaSchedules.RescaleToZeroTerminalSnr(betas);
        var alphas = BetaSchedules.CumulativeAlphas(betas);
        if (zeroSnr)
            alphas[^1] = lastAlpha ?? 0;
        return new(alphas);
    }

    public static IPrediction Prediction(SchedulerSettings settings) => settings.Text("prediction_type") switch
    {
        "epsilon" => Predictions.Epsilon,
        "v_prediction" => Predictions.V,
        "sample" => Predictions.Sample,
        "flow_prediction" => Predictions.Flow,
        var other => throw new SchedulerConfigException($"prediction_type '{other}' is not supported."),
    };

    /// <summary>How predictions are clipped: thresholding goes before plain clipping; null: not.</summary>
    public static IDataClipping? ClippingOf(SchedulerSettings settings) =>
        settings.FlagOrFalse("thresholding") ? new DynamicThresholding(settings.Number("dynamic_thresholding_ratio"), settings.Number("sample_max_value"))
        : settings.FlagOrFalse("clip_sample") ? new StaticClipping(settings.Number("clip_sample_range"))
        : null;

    public static TimestepSpacing SpacingOf(SchedulerSettings settings) => settings.Text("timestep_spacing") switch
    {
        "linspace" => TimestepSpacing.Linspace,
        "leading" => TimestepSpacing.Leading,
        _ => TimestepSpacing.Trailing,
    };

    private static double[] Betas(SchedulerSettings settings)
    {
        if (settings.Numbers("trained_betas") is { Length: > 1 } trained)
            return trained;
        var (first, last, count) = (settings.Number("beta_start"), settings.Number("beta_end"), settings.Integer("num_train_timesteps"));
        return settings.Text("beta_schedule") switch
        {
            "linear" => BetaSchedules.Linear(first, last, count),
            "scaled_linear" => BetaSchedules.ScaledLinear(first, last, count),
            "exp" => BetaSchedules.Exponential(count),
            "sigmoid" => BetaSchedules.Sigmoid(first, last, count),
            _ => BetaSchedules.SquaredCosine(count),
        };
    }
}

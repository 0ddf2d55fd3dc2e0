using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>Options that several samplers have.</summary>
internal static class CommonOptions
{
    public static ImmutableArray<SamplerOption> Churn { get; } =
    [
        new("s_churn", "Noise added over the whole run; 0 is off.", 0.0) { Minimum = 0 },
        new("s_tmin", "Noise is added at levels σ/α of at least this.", 0.0) { Minimum = 0 },
        new("s_tmax", "Noise is added at levels σ/α of at most this.", double.PositiveInfinity) { Minimum = 0 },
        new("s_noise", "Standard deviation of the noise that is added.", 1.0) { Minimum = 0 },
    ];

    public static ImmutableArray<SamplerOption> Ancestral { get; } =
    [
        new("eta", "Share of the noise that is replaced in a step: 0 none, 1 as DDPM.", 1.0) { Minimum = 0 },
        new("s_noise", "Factor on the noise that is added.", 1.0) { Minimum = 0 },
    ];

    /// <summary>The same for methods of two stages, of which more noise than the posterior's would leave one.</summary>
    public static ImmutableArray<SamplerOption> TwoStageAncestral { get; } = [Ancestral[0] with { Maximum = 1 }, Ancestral[1]];

    public static SamplerOption LowerOrderFinal { get; } =
        new("lower_order_final", "Lower orders in the last steps, which is more stable with few steps.", true);

    public static SamplerOption FinalSigmas { get; } =
        new("final_sigmas_type", "Whether the run ends at clean data or at the smallest noise level of training.", "zero") { Allowed = ["zero", "sigma_min"] };

    public static ChurnOptions ChurnOf(SamplerOptionValues options) => new()
    {
        Amount = options.Number("s_churn"),
        Minimum = options.Number("s_tmin"),
        Maximum = options.Number("s_tmax"),
        NoiseScale = options.Number("s_noise"),
    };

    public static AncestralOptions AncestralOf(SamplerOptionValues options) => new() { Eta = options.Number("eta"), NoiseScale = options.Number("s_noise") };

    /// <summary>Evaluations of two-stage methods whose step to clean data has one stage.</summary>
    public static int? TwoStages(Trajectory trajectory) => 2 * trajectory.Steps.Length - (trajectory.Steps[^1].To.IsClean ? 1 : 0);

    /// <summary>The same for methods whose step from pure noise, where σ/α is infinite, has one stage too.</summary>
    public static int? TwoStagesFromFiniteKappa(Trajectory trajectory) =>
        TwoStages(trajectory) - (trajectory.Steps[0].From.Alpha == 0 && !trajectory.Steps[0].To.IsClean ? 1 : 0);
}

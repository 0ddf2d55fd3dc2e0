using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>What one setting gave.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="FullEvaluations">Evaluations of the whole network a picture, the mean over prompts.</param>
/// <param name="Bytes">Bytes of features a picture.</param>
/// <param name="Psnr">Mean PSNR against the plain run's pictures, dB; infinite for the plain run.</param>
/// <param name="Ssim">Mean SSIM against them.</param>
/// <param name="Pictures">The first pictures.</param>
internal sealed record CachingMeasurement(CachingSetting Setting, double FullEvaluations, long Bytes, double Psnr, double Ssim, IReadOnlyList<RgbImage> Pictures)
{
    /// <summary>The lowest of the PSNRs.</summary>
    public double LowestPsnr { get; init; }

    /// <summary>Id of the policy that was used; null for plain runs.</summary>
    public string? Policy { get; init; }

    /// <summary>Median of the denoising time of one request alone, milliseconds.</summary>
    public double Milliseconds { get; init; }

    /// <summary>Median of the ratios to the plain run of the same round.</summary>
    public double Speed { get; init; }

    /// <summary>Mean time of a skipped step by that of a step of the plain run, the median of the rounds; null where none is skipped.</summary>
    public double? SkippedStep { get; init; }

    /// <summary>What a skipped step takes of a full one, recording of features included; null where none is skipped.</summary>
    public double? SkippedCost => Setting.IsPlain || FullEvaluations >= Setting.Steps ? null : (Setting.Steps / Speed - FullEvaluations) / (Setting.Steps - FullEvaluations);
}

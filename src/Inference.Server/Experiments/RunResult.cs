using Inference.Experiments;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>What experiments keep of a generation.</summary>
internal static class RunResult
{
    public static ExperimentResult Of(Participation part, int arm, bool isPrimary, FinishedGeneration finished, DateTimeOffset now)
    {
        var (images, timings) = (finished.Result.Images, finished.Report.TimingsMs);
        return new()
        {
            Arm = arm,
            Pair = part.Pair,
            IsPrimary = isPrimary,
            Unit = ArmAssignment.UnitOf(part.In.Experiment.Id, part.Key),
            Created = now,
            LatencyMs = timings.Total,
            ServiceMs = Math.Round(timings.Total - timings.Queue, 3),
            Evaluations = images.Average(image => image.Evaluations),
            FullShare = images.Average(image => image.Cache?.FullShare ?? 1),
        };
    }

    /// <summary>How like the reference's pictures others are, the mean over the pictures; null where they differ in number or size.</summary>
    public static Similarity? Compare(IReadOnlyList<RgbImage> reference, IReadOnlyList<RgbImage> pictures)
    {
        if (reference.Count != pictures.Count || reference.Zip(pictures).Any(pair => (pair.First.Width, pair.First.Height) != (pair.Second.Width, pair.Second.Height)))
            return null;
        var least = reference.Min(picture => Math.Min(picture.Width, picture.Height));
        return new(
            reference.Zip(pictures, ImageQuality.Psnr).Average(),
            least >= StructuralSimilarity.LeastSide ? reference.Zip(pictures, StructuralSimilarity.Of).Average() : null,
            least >= GradientSimilarity.LeastSide ? reference.Zip(pictures, GradientSimilarity.Deviation).Average() : null);
    }
}

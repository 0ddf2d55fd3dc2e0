namespace Inference.Experiments;

/// <summary>What is measured of a run.</summary>
public enum ComparedMetric
{
    LatencyMs,
    ServiceMs,
    Evaluations,
    Psnr,
    Ssim,
    Gmsd,
}

/// <summary>A metric and how it is read.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Name">As requests and reports spell it.</param>
/// <param name="Unit">Unit for people; empty for none.</param>
/// <param name="Value">Its value of a run; null where the run has none.</param>
/// <param name="IsSimilarity">Whether it compares with the reference by itself.</param>
/// <param name="InPairs">Whether runs in the background have it too.</param>
public sealed record MetricDescriptor(ComparedMetric Metric, string Name, string Unit, Func<ExperimentResult, double?> Value, bool IsSimilarity, bool InPairs);

/// <summary>The metrics there are.</summary>
public static class Metrics
{
    public static IReadOnlyList<MetricDescriptor> All { get; } =
    [
        new(ComparedMetric.LatencyMs, "latency_ms", "ms", result => result.LatencyMs, IsSimilarity: false, InPairs: false),
        new(ComparedMetric.ServiceMs, "service_ms", "ms", result => result.ServiceMs, IsSimilarity: false, InPairs: true),
        new(ComparedMetric.Evaluations, "evaluations", "", result => result.Evaluations, IsSimilarity: false, InPairs: true),
        // Equal pictures have no finite PSNR; they are counted apart.
        new(ComparedMetric.Psnr, "psnr", "dB", result => result.Similarity is { Psnr: < double.PositiveInfinity } like ? like.Psnr : null, IsSimilarity: true, InPairs: true),
        new(ComparedMetric.Ssim, "ssim", "", result => result.Similarity?.Ssim, IsSimilarity: true, InPairs: true),
        new(ComparedMetric.Gmsd, "gmsd", "", result => result.Similarity?.Gmsd, IsSimilarity: true, InPairs: true),
    ];

    /// <summary>Those of which arms have differences.</summary>
    public static IEnumerable<MetricDescriptor> Compared => All.Where(metric => !metric.IsSimilarity);

    /// <summary>The metric of a name; null for none.</summary>
    public static MetricDescriptor? Find(string name) => All.FirstOrDefault(metric => metric.Name == name);

    public static MetricDescriptor Of(ComparedMetric metric) => All.First(known => known.Metric == metric);
}

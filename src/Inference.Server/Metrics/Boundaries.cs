using System.Diagnostics.Metrics;

namespace Inference.Server;

/// <summary>Bucket boundaries of the histograms.</summary>
internal static class Boundaries
{
    public static InstrumentAdvice<double> Seconds => Of(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120);

    public static InstrumentAdvice<double> Rows => Of(1, 2, 4, 8, 16, 32, 64);

    public static InstrumentAdvice<double> Few => Of(1, 2, 3, 4, 6, 8, 16);

    public static InstrumentAdvice<double> Shares => Of(0, 0.1, 0.25, 0.5, 0.75);

    public static InstrumentAdvice<double> Rounds => Of(0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2);

    private static InstrumentAdvice<double> Of(params double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };
}

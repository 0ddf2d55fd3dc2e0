namespace Inference.Benchmarks;

internal static class Percentiles
{
    /// <summary>The value that this part of the sample stays below; not a number for an empty sample.</summary>
    public static double Of(IReadOnlyCollection<double> sample, double part)
    {
        var sorted = sample.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[(int)(part * (sorted.Length - 1))];
    }
}

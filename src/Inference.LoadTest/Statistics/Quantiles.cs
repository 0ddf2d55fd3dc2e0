namespace Inference.LoadTest;

/// <summary>Quantiles of latencies with intervals that hold for any distribution.</summary>
internal static class Quantiles
{
    /// <summary>
    /// The smallest value with at least the share below or at it, and the order statistics around it
    /// (Conover 1999, "Practical Nonparametric Statistics", 3.2, eq. 5 and 6), widened for dependence in time.
    /// </summary>
    /// <param name="values">In time order, not empty.</param>
    /// <param name="share">In (0, 1).</param>
    public static Estimate Of(IReadOnlyList<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        var value = sorted[Rank(sorted.Length, share)];
        var dependence = Dependence.Of([.. values.Select(sample => sample > value)]);
        var spread = dependence.Quantile * Math.Sqrt(sorted.Length * share * (1 - share) * dependence.DesignEffect);
        var low = (int)Math.Floor(sorted.Length * share - spread);
        var high = (int)Math.Ceiling(sorted.Length * share + spread) + 1;
        return new(value, low >= 1 ? sorted[low - 1] : null, high <= sorted.Length ? sorted[high - 1] : null);
    }

    /// <summary>The plain quantile of sorted values.</summary>
    public static double OfSorted(IReadOnlyList<double> sorted, double share) => sorted[Rank(sorted.Count, share)];

    private static int Rank(int count, double share) => Math.Clamp((int)Math.Ceiling(count * share - 1e-9) - 1, 0, count - 1);
}

namespace Inference.LoadTest;

/// <summary>Shares of hits with intervals.</summary>
internal static class Shares
{
    /// <summary>The score interval (Wilson 1927, JASA 22:209) on the number of independent samples that the series is worth.</summary>
    /// <param name="hits">In time order, not empty.</param>
    public static Estimate Of(IReadOnlyList<bool> hits)
    {
        var share = hits.Count(hit => hit) / (double)hits.Count;
        var dependence = Dependence.Of(hits);
        var (n, z2) = (hits.Count / dependence.DesignEffect, dependence.Quantile * dependence.Quantile);
        var centre = (share + z2 / (2 * n)) / (1 + z2 / n);
        var half = dependence.Quantile / (1 + z2 / n) * Math.Sqrt(share * (1 - share) / n + z2 / (4 * n * n));
        return new(share, Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}

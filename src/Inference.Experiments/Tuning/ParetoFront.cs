namespace Inference.Experiments;

/// <summary>What nothing beats in both cost and quality.</summary>
public static class ParetoFront
{
    /// <summary>The front, cheapest first, quality ascending.</summary>
    public static IReadOnlyList<T> Of<T>(IEnumerable<T> all, Func<T, double> cost, Func<T, double> quality)
    {
        var (front, best) = (new List<T>(), double.NegativeInfinity);
        foreach (var entry in all.OrderBy(cost).ThenByDescending(quality))
            if (quality(entry) > best)
            {
                front.Add(entry);
                best = quality(entry);
            }
        return front;
    }
}

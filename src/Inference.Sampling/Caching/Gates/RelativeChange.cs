namespace Inference.Sampling;

/// <summary>Relative change mean|a - b| / mean|b|, by which gates compare features. Infinite where b is zero and a is not.</summary>
internal static class RelativeChange
{
    public static double Of(ReadOnlySpan<float> now, ReadOnlySpan<float> then)
    {
        var (change, size) = Sums(now, then);
        return change == 0 ? 0 : change / size;
    }

    /// <summary>Σ|a - b| and Σ|b|.</summary>
    public static (double Change, double Size) Sums(ReadOnlySpan<float> now, ReadOnlySpan<float> then)
    {
        var (change, size) = (0.0, 0.0);
        for (var i = 0; i < now.Length; i++)
        {
            change += Math.Abs((double)now[i] - then[i]);
            size += Math.Abs((double)then[i]);
        }
        return (change, size);
    }
}

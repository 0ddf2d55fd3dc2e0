using MathNet.Numerics.Distributions;

namespace Inference.Experiments;

/// <summary>A mean and two intervals for it.</summary>
/// <param name="Count">Independent observations behind it.</param>
/// <param name="Mean">The estimate.</param>
/// <param name="Low">Lower end of the always-valid interval; null while there are too few observations.</param>
/// <param name="High">Its upper end.</param>
/// <param name="FixedLow">Lower end of the ordinary interval, right for one look at a planned sample size; null below two observations.</param>
/// <param name="FixedHigh">Its upper end.</param>
public sealed record MeanEstimate(int Count, double Mean, double? Low, double? High, double? FixedLow, double? FixedHigh)
{
    /// <summary>Whether the always-valid interval excludes 0.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;

    /// <summary>The mean of a series; the ordinary interval is Student's (1908).</summary>
    /// <param name="values">Independent observations in the order they came, at least one.</param>
    /// <param name="alpha">Error probability of each interval.</param>
    public static MeanEstimate Of(IEnumerable<double> values, double alpha)
    {
        var moments = Moments.Of(values);
        if (moments.Count < 2)
            return new(moments.Count, moments.Mean, null, null, null, null);
        var half = StudentT.InvCDF(0, 1, moments.Count - 1, 1 - alpha / 2) * Math.Sqrt(moments.Variance / moments.Count);
        return With(moments, alpha, moments.Mean - half, moments.Mean + half);
    }

    internal static MeanEstimate With(Moments moments, double alpha, double? fixedLow, double? fixedHigh)
    {
        var radius = ConfidenceSequence.Radius(moments, alpha);
        return new(moments.Count, moments.Mean, moments.Mean - radius, moments.Mean + radius, fixedLow, fixedHigh);
    }
}

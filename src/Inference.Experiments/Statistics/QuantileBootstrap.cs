using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Inference.Experiments;

/// <summary>A quantile and its interval; a bound that the data cannot give is null.</summary>
public sealed record QuantileEstimate(double Value, double? Low, double? High);

/// <summary>
/// Bootstrap of sample quantiles without resampling: the bootstrap distribution of an order statistic is known in closed form,
/// P(X*₍ₖ₎ ≤ x₍ⱼ₎) = P(Bin(n, j/n) ≥ k) (Efron 1979, Annals of Statistics 7(1), section 3). So the interval is exact and needs no random numbers. Its ends are the
/// bias-corrected and accelerated ones (Efron 1987, JASA 82(397), section 3): plain percentiles cover p99 of 500 values 87 % of the time, these 95 %.
/// </summary>
public sealed class QuantileBootstrap
{
    // Order statistics beyond so many standard deviations of the index have no mass that shows in a double.
    private const double Reach = 10;
    private readonly double[] _support;
    private readonly double[] _cumulative;
    private readonly double _acceleration;
    private readonly double _massAtFirst;
    private readonly double _massAtLast;

    /// <param name="sorted">The sample in ascending order, at least one value.</param>
    /// <param name="share">Which quantile, in (0, 1): the smallest value with at least this share of the sample at or below it.</param>
    public QuantileBootstrap(IReadOnlyList<double> sorted, double share)
    {
        var n = sorted.Count;
        var k = Math.Clamp((int)Math.Ceiling(n * share - 1e-9), 1, n);
        var spread = (int)(Reach * Math.Sqrt(n * share * (1 - share))) + 5;
        var (from, to) = (Math.Max(1, k - spread), Math.Min(n, k + spread));
        _support = new double[to - from + 1];
        _cumulative = new double[to - from + 1];
        for (var j = from; j <= to; j++)
            (_support[j - from], _cumulative[j - from]) = (sorted[j - 1], j == n ? 1 : SpecialFunctions.BetaRegularized(k, n - k + 1, (double)j / n));
        Value = sorted[k - 1];
        _massAtFirst = from == 1 ? _cumulative[0] : 0;
        // A sixth of the skewness of the influence of one value, p - 1{x ≤ q}, over √n (Efron 1987, eq. 4.4).
        _acceleration = (2 * share - 1) / Math.Sqrt(share * (1 - share)) / (6 * Math.Sqrt(n));
        _massAtLast = to == n ? 1 - (_cumulative.Length > 1 ? _cumulative[^2] : 0) : 0;
    }

    /// <summary>The quantile of the sample.</summary>
    public double Value { get; }

    /// <summary>Probability that the quantile of a resample is each order statistic from the first on; the sample must be small enough that all are kept.</summary>
    internal IEnumerable<double> Masses => _cumulative.Select((value, i) => value - (i == 0 ? 0 : _cumulative[i - 1]));

    /// <summary>The interval. Where the extreme of the sample has more mass than the tail, that end is unknown.</summary>
    public QuantileEstimate Interval(double alpha)
    {
        var (low, high) = Levels(Normal.InvCDF(0, 1, Below(this, Value)), _acceleration, alpha);
        return new(Value, _massAtFirst > low ? null : _support[Index(low)], _massAtLast > 1 - high ? null : _support[Index(high)]);
    }

    /// <summary>The interval of the difference of the quantiles of two independent samples, this one's minus the other's.</summary>
    public QuantileEstimate Minus(QuantileBootstrap other, double alpha)
    {
        var value = Value - other.Value;
        // Third cumulants of independent parts add up.
        var (mine, others) = (Variance(), other.Variance());
        var acceleration = mine + others == 0 ? 0 : (_acceleration * Math.Pow(mine, 1.5) - other._acceleration * Math.Pow(others, 1.5)) / Math.Pow(mine + others, 1.5);
        var small = 1e-9 * Math.Max(Math.Abs(Value), Math.Abs(other.Value));
        var below = (DistributionOfDifference(other, value - small) + DistributionOfDifference(other, value + small)) / 2;
        var (low, high) = Levels(Normal.InvCDF(0, 1, Math.Clamp(below, 1e-9, 1 - 1e-9)), acceleration, alpha);
        return new(
            value,
            _massAtFirst > low || other._massAtLast > low ? null : DifferenceQuantile(other, low),
            _massAtLast > 1 - high || other._massAtFirst > 1 - high ? null : DifferenceQuantile(other, high));
    }

    // Efron 1987, eq. 3.8.
    private static (double Low, double High) Levels(double bias, double acceleration, double alpha)
    {
        var z = Normal.InvCDF(0, 1, 1 - alpha / 2);
        return (At(-z), At(z));

        double At(double point) => Normal.CDF(0, 1, bias + (bias + point) / (1 - acceleration * (bias + point)));
    }

    // Probability that a resample's quantile is below the sample's, half of it being equal counted.
    private static double Below(QuantileBootstrap bootstrap, double value)
    {
        var (below, atMost) = (0.0, 0.0);
        for (var i = 0; i < bootstrap._support.Length; i++)
            if (bootstrap._support[i] < value)
                below = atMost = bootstrap._cumulative[i];
            else if (bootstrap._support[i] == value)
                atMost = bootstrap._cumulative[i];
        return Math.Clamp((below + atMost) / 2, 1e-9, 1 - 1e-9);
    }

    private double Variance()
    {
        var (mean, squares, before) = (0.0, 0.0, 0.0);
        for (var i = 0; i < _support.Length; i++)
        {
            var (mass, distance) = (_cumulative[i] - before, _support[i] - Value);
            (mean, squares, before) = (mean + mass * distance, squares + mass * distance * distance, _cumulative[i]);
        }
        return Math.Max(0, squares - mean * mean);
    }

    private int Index(double probability)
    {
        var at = Array.FindIndex(_cumulative, value => value >= probability);
        return at < 0 ? _cumulative.Length - 1 : at;
    }

    // By bisection over the exact distribution of the difference.
    private double DifferenceQuantile(QuantileBootstrap other, double probability)
    {
        var (low, high) = (_support[0] - other._support[^1], _support[^1] - other._support[0]);
        for (var i = 0; i < 100 && high - low > 1e-12 * Math.Max(1, Math.Abs(high)); i++)
        {
            var middle = (low + high) / 2;
            (low, high) = DistributionOfDifference(other, middle) >= probability ? (low, middle) : (middle, high);
        }
        return high;
    }

    // P(this - other ≤ d): both supports ascend, so one pass over the two is enough.
    private double DistributionOfDifference(QuantileBootstrap other, double d)
    {
        var (sum, before, k) = (0.0, 0.0, 0);
        for (var i = 0; i < _support.Length; i++)
        {
            while (k < other._support.Length && other._support[k] < _support[i] - d)
                k++;
            sum += (_cumulative[i] - before) * (1 - (k == 0 ? 0 : other._cumulative[k - 1]));
            before = _cumulative[i];
        }
        return sum;
    }
}

using System.Collections.Immutable;

namespace Inference.Batching;

/// <summary>One measured batch size.</summary>
/// <param name="Rows">Rows of the batch.</param>
/// <param name="Milliseconds">What one evaluation takes.</param>
public readonly record struct CostPoint(int Rows, double Milliseconds);

/// <summary>Measured cost of an evaluation by its rows. Linear between measured sizes, and beyond the last by the slope before it. Safe for any thread.</summary>
public sealed class CostCurve
{
    /// <summary>Batches whose throughput is this close to the best are as good, and smaller ones are sooner done.</summary>
    private const double WorthLess = 0.97;

    // The first samples of a size are disturbed upwards only (caches, kernel choice, other processes), so the least of them counts.
    private const int FirstSamples = 3;
    private const double Weight = 0.05;
    private const double LargestSurprise = 3;

    private readonly Lock _gate = new();
    private readonly SortedList<int, double> _points = [];
    private readonly Dictionary<int, int> _samples = [];

    /// <summary>The measured sizes, smallest first.</summary>
    public ImmutableArray<CostPoint> Points
    {
        get
        {
            lock (_gate)
                return [.. _points.Select(point => new CostPoint(point.Key, point.Value))];
        }
    }

    /// <summary>Replaces the curve by measured sizes.</summary>
    public void Restore(IEnumerable<CostPoint> points)
    {
        lock (_gate)
        {
            _points.Clear();
            foreach (var (rows, milliseconds) in points)
                (_points[rows], _samples[rows]) = (milliseconds, FirstSamples + 1);
        }
    }

    /// <summary>Learns from one evaluation. The first of a size is not believed: it pays for bindings and kernel choice.</summary>
    public void Record(int rows, TimeSpan elapsed)
    {
        var milliseconds = elapsed.TotalMilliseconds;
        lock (_gate)
        {
            var count = _samples[rows] = _samples.GetValueOrDefault(rows) + 1;
            if (count == 1 || milliseconds <= 0)
                return;
            if (count <= FirstSamples + 1 && (_points.ContainsKey(rows) || _points.Count == 0 || rows > _points.Keys[^1] || rows < _points.Keys[0]))
                _points[rows] = Math.Min(milliseconds, _points.GetValueOrDefault(rows, double.MaxValue));
            else
                Refine(rows, milliseconds);
        }
    }

    /// <summary>Milliseconds of one evaluation of so many rows; 0 while nothing is known.</summary>
    public double Milliseconds(int rows)
    {
        lock (_gate)
            return At(rows);
    }

    /// <summary>The smallest measured size, at most <paramref name="maxRows"/>, within 3 % of the best rows per second; <paramref name="maxRows"/> while nothing
    /// is known. While two doublings without gain have not been seen, twice the largest measured size: real batches then measure on.</summary>
    public int Cap(int maxRows)
    {
        lock (_gate)
        {
            var best = BestRate(maxRows);
            if (NextToMeasure(maxRows, best) is { } unknown)
                return unknown;
            foreach (var (rows, milliseconds) in _points)
                if (rows <= maxRows && rows / milliseconds >= WorthLess * best)
                    return rows;
            return maxRows;
        }
    }

    /// <summary>Milliseconds a row costs at the best throughput; 0 while nothing is known.</summary>
    public double RowMilliseconds(int maxRows)
    {
        lock (_gate)
            return BestRate(maxRows) is var best && best > 0 ? 1 / best : At(1);
    }

    private int? NextToMeasure(int maxRows, double best)
    {
        foreach (var (rows, milliseconds) in _points)
            if (rows <= maxRows && rows / milliseconds >= best)
                return _points.Keys[^1] >= Math.Min(maxRows, rows << CostCurveLearner.DoublingsWithoutGain) ? null : Math.Min(maxRows, 2 * _points.Keys[^1]);
        return null;
    }

    private double BestRate(int maxRows)
    {
        var best = 0.0;
        foreach (var (rows, milliseconds) in _points)
            if (rows <= maxRows)
                best = Math.Max(best, rows / milliseconds);
        return best;
    }

    // Moves the measured sizes around this one, each by its part in the prediction.
    private void Refine(int rows, double milliseconds)
    {
        var surprise = Math.Clamp(milliseconds / At(rows), 1 / LargestSurprise, LargestSurprise) - 1;
        var (low, high, part) = Around(rows);
        _points[_points.Keys[low]] *= 1 + Weight * (1 - part) * surprise;
        if (high != low)
            _points[_points.Keys[high]] *= 1 + Weight * part * surprise;
    }

    private double At(int rows)
    {
        if (_points.Count == 0)
            return 0;
        if (_points.Count == 1)
            return _points.Values[0] * Math.Max(1, (double)rows / _points.Keys[0]);
        var (low, high, _) = Around(rows);
        if (low == high)
            (low, high) = low == 0 ? (0, 1) : (low - 1, low);
        var slope = (_points.Values[high] - _points.Values[low]) / (_points.Keys[high] - _points.Keys[low]);
        // Below the smallest size the line may cross zero; a batch never costs less than its share of the smallest.
        return Math.Max(_points.Values[low] + slope * (rows - _points.Keys[low]), _points.Values[0] * Math.Min(1, (double)rows / _points.Keys[0]));
    }

    // Indices of the measured sizes on both sides, and how far between them; the same index twice at the ends.
    private (int Low, int High, double Part) Around(int rows)
    {
        var high = 0;
        while (high < _points.Count && _points.Keys[high] < rows)
            high++;
        if (high == _points.Count)
            return (high - 1, high - 1, 0);
        if (high == 0 || _points.Keys[high] == rows)
            return (high, high, 0);
        return (high - 1, high, (double)(rows - _points.Keys[high - 1]) / (_points.Keys[high] - _points.Keys[high - 1]));
    }
}

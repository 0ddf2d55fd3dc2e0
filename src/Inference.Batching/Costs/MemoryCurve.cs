using System.Collections.Immutable;

namespace Inference.Batching;

/// <summary>Measured memory of one batch.</summary>
/// <param name="Rows">Its rows, ≥ 1.</param>
/// <param name="Positions">Positions of one row: height times width, ≥ 1.</param>
/// <param name="Bytes">What it needed beside the weights, &gt; 0.</param>
public readonly record struct MemoryPoint(int Rows, long Positions, long Bytes);

/// <summary>
/// Working memory of a graph by rows and positions, learnt from batches that ran. Sizes up to the largest measured one are known from it alone; larger ones
/// once two sizes have been measured. Safe for any thread.
/// </summary>
public sealed class MemoryCurve
{
    private const int MaxPoints = 32;
    private readonly Lock _gate = new();
    private readonly List<MemoryPoint> _points = [];
    private volatile Known? _known;

    /// <summary>The measured batches.</summary>
    public ImmutableArray<MemoryPoint> Points
    {
        get
        {
            lock (_gate)
                return [.. _points];
        }
    }

    /// <summary>Bytes of the batch that needed the most; 0 while nothing is known.</summary>
    public long Peak => _known?.Peak ?? 0;

    /// <summary>Learns from one batch; of a batch that was measured before, the larger number counts.</summary>
    public void Record(int rows, long positions, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(positions, 1);
        if (bytes <= 0)
            return;
        lock (_gate)
        {
            var known = _points.FindIndex(point => point.Rows == rows && point.Positions == positions);
            if (known < 0)
                _points.Add(new(rows, positions, bytes));
            else if (_points[known].Bytes < bytes)
                _points[known] = new(rows, positions, bytes);
            else
                return;
            if (_points.Count > MaxPoints)
                Forget();
            var largest = _points.Max(point => point.Positions);
            _known = new(MemoryFit.Of(_points), _points.Exists(point => point.Positions != largest) ? long.MaxValue : largest, _points.Max(point => point.Bytes));
        }
    }

    /// <summary>Bytes that a batch needs beside the weights; null while that is not known.</summary>
    public long? Bytes(int rows, long positions) =>
        _known is { } known && positions <= known.Largest ? (long)Math.Min(known.Fit.Bytes(rows, positions), long.MaxValue / 4) : null;

    /// <summary>Most rows whose <see cref="Bytes"/> are at most so many, from 0; null while that is not known.</summary>
    public int? RowsWithin(long positions, long bytes) => _known is { } known && positions <= known.Largest
        ? (int)Math.Clamp(Math.Ceiling((bytes + 1.0 - known.Fit.Constant) / known.Fit.RowBytes(positions)) - 1, 0, int.MaxValue)
        : null;

    // The smallest batch of a size that others are known of too: what is far beyond the measured ones is told by the largest.
    private void Forget()
    {
        var spare = _points.Where(point => _points.Exists(other => other != point && other.Positions == point.Positions)).DefaultIfEmpty().MinBy(point => point.Bytes);
        _points.Remove(spare.Bytes > 0 ? spare : _points.MinBy(point => point.Bytes));
    }

    private sealed record Known(MemoryFit Fit, long Largest, long Peak);
}

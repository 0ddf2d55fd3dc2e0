using System.Collections.Immutable;

namespace Inference.Batching;

/// <summary>Batch sizes a provider wants: each new size costs some of them kernel searches or graph captures, so rows are padded to the next bucket.</summary>
public sealed class BatchBuckets
{
    private readonly ImmutableArray<int> _sizes;

    private BatchBuckets(ImmutableArray<int> sizes) => _sizes = sizes;

    /// <summary>Any number of rows is as good; nothing is padded.</summary>
    public static BatchBuckets Any { get; } = new([]);

    /// <summary>1, 2, 4, 8, 16, 32, 64, and multiples of 64 above.</summary>
    public static BatchBuckets PowersOfTwo { get; } = new([1, 2, 4, 8, 16, 32, 64]);

    /// <summary>The smallest bucket that holds so many rows.</summary>
    public int Of(int rows)
    {
        if (_sizes.IsEmpty)
            return rows;
        foreach (var size in _sizes)
            if (size >= rows)
                return size;
        var largest = _sizes[^1];
        return (rows + largest - 1) / largest * largest;
    }

    /// <summary>Most rows of a batch that is not padded beyond so many; 0 where the smallest bucket is larger.</summary>
    public int Within(int rows)
    {
        if (_sizes.IsEmpty)
            return rows;
        if (rows >= _sizes[^1])
            return rows / _sizes[^1] * _sizes[^1];
        for (var i = _sizes.Length - 1; i >= 0; i--)
            if (_sizes[i] <= rows)
                return _sizes[i];
        return 0;
    }
}

using System.Runtime.InteropServices;

namespace Inference.Batching;

/// <summary>The company a lane kept: the batches its rows were in, by their rows, other requests' rows included. Allocates with each new size only.</summary>
public sealed class BatchesMet
{
    private readonly Dictionary<int, int> _bySize = [];

    /// <summary>Number of batches.</summary>
    public int Count { get; private set; }

    /// <summary>Rows of all of them.</summary>
    public int Rows { get; private set; }

    /// <summary>Mean rows; 0 without batches.</summary>
    public double MeanRows => Count == 0 ? 0 : (double)Rows / Count;

    /// <summary>Numbers of batches by their rows, the smallest first.</summary>
    public IReadOnlyDictionary<int, int> BySize => new SortedDictionary<int, int>(_bySize);

    internal void Add(int rows)
    {
        Count++;
        Rows += rows;
        CollectionsMarshal.GetValueRefOrAddDefault(_bySize, rows, out _)++;
    }
}

namespace Inference.Onnx;

/// <summary>Bound buffers by shape, the least recently used disposed first. Used by one thread at a time.</summary>
/// <param name="capacity">Bindings kept, ≥ 1.</param>
/// <param name="maxBytes">Bytes of buffers kept; the binding used last is kept whatever it needs.</param>
public sealed class BoundRunCache<TKey>(int capacity, long maxBytes = long.MaxValue) : IDisposable
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, BoundRun Run)>> _nodes = [];
    private readonly LinkedList<(TKey Key, BoundRun Run)> _recent = [];
    private long _bytes;

    /// <summary>The run bound for this key, now the most recently used, or null.</summary>
    public BoundRun? Find(TKey key)
    {
        if (!_nodes.TryGetValue(key, out var node))
            return null;
        _recent.Remove(node);
        _recent.AddFirst(node);
        return node.Value.Run;
    }

    /// <summary>Keeps a run; the oldest goes when there are too many.</summary>
    public BoundRun Add(TKey key, BoundRun run)
    {
        _nodes.Add(key, _recent.AddFirst((key, run)));
        _bytes += run.Bytes;
        while (_recent.Count > capacity || (_bytes > maxBytes && _recent.Count > 1))
        {
            var (oldest, unused) = _recent.Last!.Value;
            _recent.RemoveLast();
            _nodes.Remove(oldest);
            _bytes -= unused.Bytes;
            unused.Dispose();
        }
        return run;
    }

    /// <summary>Disposes every run; the cache can be used on.</summary>
    public void Clear()
    {
        foreach (var (_, run) in _recent)
            run.Dispose();
        _recent.Clear();
        _nodes.Clear();
        _bytes = 0;
    }

    public void Dispose() => Clear();
}

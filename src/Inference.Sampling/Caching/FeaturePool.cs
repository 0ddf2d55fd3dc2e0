using System.Diagnostics;

namespace Inference.Sampling;

/// <summary>Memory of cached features: blocks of exact size, counted in bytes. Blocks that come back are kept for the next request up to a bound.
/// Safe for any thread.</summary>
/// <param name="keptBytes">Bytes of free blocks that are kept at most, ≥ 0.</param>
public sealed class FeaturePool(long keptBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Stack<float[]>> _free = [];
    private long _kept;
    private long _held;

    /// <summary>Bytes that running requests hold.</summary>
    public long HeldBytes => Interlocked.Read(ref _held);

    /// <summary>Counts bytes that a request holds on a device, or, negative, gives back.</summary>
    internal void Hold(long bytes) => Interlocked.Add(ref _held, bytes);

    /// <summary>A block; its values are those of whoever had it before.</summary>
    internal float[] Rent(int length)
    {
        Interlocked.Add(ref _held, Bytes(length));
        lock (_gate)
            if (_free.TryGetValue(length, out var blocks) && blocks.TryPop(out var block))
            {
                _kept -= Bytes(length);
                return block;
            }
        return GC.AllocateUninitializedArray<float>(length);
    }

    internal void Return(float[] block)
    {
        var held = Interlocked.Add(ref _held, -Bytes(block.Length));
        Debug.Assert(held >= 0);
        lock (_gate)
        {
            if (_kept + Bytes(block.Length) > keptBytes)
                return;
            if (!_free.TryGetValue(block.Length, out var blocks))
                _free.Add(block.Length, blocks = []);
            blocks.Push(block);
            _kept += Bytes(block.Length);
        }
    }

    private static long Bytes(int length) => (long)length * sizeof(float);
}

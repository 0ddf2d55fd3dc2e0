using System.Buffers;
using System.Runtime.InteropServices;

namespace Inference.Sampling;

/// <summary>
/// One float32 latent on the host. Values live in a pooled array; arithmetic is written with the operators of
/// <see cref="Combination"/> and stored with <see cref="Set"/>, so that a solver step is one pass over memory and allocates nothing.
/// Not thread-safe. Dispose returns the array to the pool.
/// </summary>
public sealed class Latent : IDisposable
{
    private static int s_outstanding;
    private float[]? _array;

    private Latent(LatentShape shape, float[] array)
    {
        (Shape, _array) = (shape, array);
        Interlocked.Increment(ref s_outstanding);
    }

    /// <summary>Latents of this process that were taken and not returned.</summary>
    public static int Outstanding => Volatile.Read(ref s_outstanding);

    public LatentShape Shape { get; }

    /// <summary>The values, <see cref="LatentShape.Length"/> of them, channel-major.</summary>
    /// <exception cref="ObjectDisposedException">The latent was disposed.</exception>
    public Span<float> Values => new(Array, 0, Shape.Length);

    /// <summary>The values as memory, for code that keeps them across an await.</summary>
    /// <exception cref="ObjectDisposedException">The latent was disposed.</exception>
    public Memory<float> Memory => new(Array, 0, Shape.Length);

    private float[] Array => _array ?? throw new ObjectDisposedException(nameof(Latent));

    /// <summary>Takes a latent from the pool. Its values are unspecified until they are set.</summary>
    public static Latent Rent(LatentShape shape) => new(shape, ArrayPool<float>.Shared.Rent(shape.Length));

    /// <summary>Takes a latent from the pool and copies <paramref name="values"/> into it.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static Latent From(LatentShape shape, ReadOnlySpan<float> values)
    {
        if (values.Length != shape.Length)
            throw new ArgumentException($"A latent of shape {shape} has {shape.Length} values, not {values.Length}.", nameof(values));
        var latent = Rent(shape);
        values.CopyTo(latent.Values);
        return latent;
    }

    /// <summary>Stores a linear combination: coefficients and sums in double, one rounding to float32 at the end.
    /// The destination may be among the operands.</summary>
    /// <exception cref="ArgumentException">An operand has another shape.</exception>
    public void Set(in Combination combination) => combination.EvaluateInto(this);

    /// <summary>Whether every value is finite.</summary>
    public bool IsFinite()
    {
        foreach (var value in Values)
            if (!float.IsFinite(value))
                return false;
        return true;
    }

    public void Dispose()
    {
        if (_array is null)
            return;
        ArrayPool<float>.Shared.Return(_array);
        _array = null;
        Interlocked.Decrement(ref s_outstanding);
    }

    public static Combination operator *(double coefficient, Latent latent) => Combination.Term(coefficient, latent);
    public static Combination operator /(Latent latent, double divisor) => Combination.Term(1 / divisor, latent);
    public static Combination operator +(Latent left, Latent right) => (Combination)left + (Combination)right;
    public static Combination operator -(Latent left, Latent right) => (Combination)left - (Combination)right;
    public static Combination operator -(Latent latent) => Combination.Term(-1, latent);

    internal ref float Reference => ref MemoryMarshal.GetArrayDataReference(Array);
}

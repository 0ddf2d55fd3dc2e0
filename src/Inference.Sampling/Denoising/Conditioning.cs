using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>One named network input that does not change while a request runs, without its batch dimension: float32 or int64 values, row-major.</summary>
public sealed record ConditioningTensor
{
    private ConditioningTensor(string name, ImmutableArray<int> shape, float[]? floats, long[]? longs) =>
        (Name, Shape, Floats, Longs) = (name, shape, floats, longs);

    /// <summary>Name of the network input.</summary>
    public string Name { get; }

    /// <summary>Dimensions of one row; empty for a scalar.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>The values of a float tensor, otherwise null.</summary>
    public float[]? Floats { get; }

    /// <summary>The values of an integer tensor, otherwise null.</summary>
    public long[]? Longs { get; }

    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static ConditioningTensor Of(string name, ImmutableArray<int> shape, float[] values) =>
        new(name, Checked(name, shape, values.Length), values, null);

    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static ConditioningTensor Of(string name, ImmutableArray<int> shape, long[] values) =>
        new(name, Checked(name, shape, values.Length), null, values);

    private static ImmutableArray<int> Checked(string name, ImmutableArray<int> shape, int length)
    {
        var expected = shape.Aggregate(1, (product, dimension) => product * dimension);
        return length == expected
            ? shape
            : throw new ArgumentException($"'{name}' of shape [{string.Join(',', shape)}] needs {expected} values, not {length}.", nameof(shape));
    }
}

/// <summary>Everything the network is conditioned on besides the latent and the timestep (text embeddings, pooled vectors, class label, sizes).
/// Immutable, shared between rows and requests.</summary>
public sealed class Conditioning(ImmutableArray<ConditioningTensor> tensors)
{
    private static long s_versions;

    /// <summary>A number that no other conditioning of this process has: who holds its values already need not write them again. From 1.</summary>
    public long Version { get; } = Interlocked.Increment(ref s_versions);

    public ImmutableArray<ConditioningTensor> Tensors { get; } = tensors;

    /// <summary>Names and shapes as text: rows can share a batch only when their keys are equal.</summary>
    public string ShapeKey { get; } = string.Join(';', tensors.Select(tensor => $"{tensor.Name}[{string.Join(',', tensor.Shape)}]"));
}

using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>
/// Pinned memory behind one input or output of a graph. The host side is float32 or int64 whatever the graph's element type is: values are
/// converted on the way (float16 rounds to nearest, integers too). Used by one thread at a time.
/// </summary>
internal abstract class TensorBuffer : IDisposable
{
    private static long s_pinnedBytes;
    private bool _isDisposed;

    /// <summary>Bytes of this process pinned for graphs.</summary>
    public static long PinnedBytes => Interlocked.Read(ref s_pinnedBytes);

    /// <summary>The native tensor over the same memory.</summary>
    public required OrtValue Value { get; init; }

    /// <summary>Size of the memory.</summary>
    public required long Bytes { get; init; }

    /// <summary>Stores values from element <paramref name="at"/> on.</summary>
    public abstract void Write(int at, ReadOnlySpan<float> values);

    /// <inheritdoc cref="Write(int, ReadOnlySpan{float})"/>
    public abstract void Write(int at, ReadOnlySpan<long> values);

    /// <summary>Reads values from element <paramref name="at"/> on.</summary>
    public abstract void Read(int at, Span<float> destination);

    /// <summary>Values where they lie, from element <paramref name="at"/> on; empty unless the element type is float32.</summary>
    public abstract Span<float> Floats(int at, int length);

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Interlocked.Add(ref s_pinnedBytes, -Bytes);
        Value.Dispose();
    }

    /// <summary>Allocates the buffer of a tensor of a fixed shape.</summary>
    /// <returns>Null where the element type is not supported.</returns>
    public static TensorBuffer? Allocate(ElementType type, long[] shape) => type switch
    {
        ElementType.Float32 => Allocate<float>(TensorElementType.Float, shape),
        ElementType.Float16 => Allocate<Half>(TensorElementType.Float16, shape),
        ElementType.Int64 => Allocate<long>(TensorElementType.Int64, shape),
        ElementType.Int32 => Allocate<int>(TensorElementType.Int32, shape),
        _ => null,
    };

    private static Typed<T> Allocate<T>(TensorElementType type, long[] shape)
        where T : unmanaged, INumber<T>
    {
        var length = shape.Aggregate(1L, (product, dimension) => product * dimension);
        var values = GC.AllocateUninitializedArray<T>(checked((int)length), pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(values, 0);
        var bytes = length * Marshal.SizeOf<T>();
        var value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, shape, address, bytes);
        Interlocked.Add(ref s_pinnedBytes, bytes);
        return new(values) { Value = value, Bytes = bytes };
    }

    private sealed class Typed<T>(T[] buffer) : TensorBuffer
        where T : unmanaged, INumber<T>
    {
        public override void Write(int at, ReadOnlySpan<float> values)
        {
            var target = buffer.AsSpan(at, values.Length);
            if (typeof(T) == typeof(float))
                MemoryMarshal.Cast<float, T>(values).CopyTo(target);
            else if (typeof(T) == typeof(long) || typeof(T) == typeof(int))
                for (var i = 0; i < values.Length; i++)
                    target[i] = T.CreateTruncating(MathF.Round(values[i]));
            else
                for (var i = 0; i < values.Length; i++)
                    target[i] = T.CreateTruncating(values[i]);
        }

        public override void Write(int at, ReadOnlySpan<long> values)
        {
            var target = buffer.AsSpan(at, values.Length);
            for (var i = 0; i < values.Length; i++)
                target[i] = T.CreateTruncating(values[i]);
        }

        public override Span<float> Floats(int at, int length) =>
            typeof(T) == typeof(float) ? MemoryMarshal.Cast<T, float>(buffer.AsSpan(at, length)) : [];

        public override void Read(int at, Span<float> destination)
        {
            var source = buffer.AsSpan(at, destination.Length);
            if (typeof(T) == typeof(float))
                MemoryMarshal.Cast<T, float>(source).CopyTo(destination);
            else
                for (var i = 0; i < destination.Length; i++)
                    destination[i] = float.CreateTruncating(source[i]);
        }
    }
}

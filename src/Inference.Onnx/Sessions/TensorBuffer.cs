using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>
/// The memory behind one input or output of a graph: pinned memory of the host, and its mirror on the device where the graph runs on one. The host side is
/// float32 or int64 whatever the graph's element type is: values are converted on the way (float16 rounds to nearest, integers too). Used by one thread at
/// a time.
/// </summary>
internal abstract class TensorBuffer : IDisposable
{
    private static long s_pinnedBytes;
    private bool _isDisposed;

    /// <summary>Bytes of this process pinned for graphs.</summary>
    public static long PinnedBytes => Interlocked.Read(ref s_pinnedBytes);

    /// <summary>The device's side; null where the graph uses the host's memory.</summary>
    public DeviceMirror? Mirror { get; private init; }

    /// <summary>What the graph is bound to.</summary>
    public OrtValue Value => Mirror?.Device.Whole ?? Host;

    /// <summary>Size of the memory.</summary>
    public required long Bytes { get; init; }

    private OrtValue Host { get; init; } = null!;

    /// <summary>Stores values from element <paramref name="at"/> on.</summary>
    public void Write(int at, ReadOnlySpan<float> values)
    {
        Store(at, values);
        Mirror?.HostWrote(at, values.Length);
    }

    /// <inheritdoc cref="Write(int, ReadOnlySpan{float})"/>
    public void Write(int at, ReadOnlySpan<long> values)
    {
        Store(at, values);
        Mirror?.HostWrote(at, values.Length);
    }

    /// <summary>Reads values from element <paramref name="at"/> on.</summary>
    public void Read(int at, Span<float> destination)
    {
        Mirror?.Download();
        Load(at, destination);
    }

    /// <summary>Values where they lie, from element <paramref name="at"/> on, to be read or replaced; empty unless the element type is float32.</summary>
    public Span<float> Floats(int at, int length)
    {
        Mirror?.Download();
        var floats = FloatsAt(at, length);
        Mirror?.HostWrote(at, floats.Length);
        return floats;
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Interlocked.Add(ref s_pinnedBytes, -Bytes);
        if (Mirror is { } mirror)
            mirror.Dispose();
        else
            Host.Dispose();
    }

    /// <summary>Allocates the buffer of a tensor of a fixed shape.</summary>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="memory">Where the graph wants it; null is the host's memory.</param>
    /// <returns>Null where the element type is not supported.</returns>
    public static TensorBuffer? Allocate(ElementType type, long[] shape, ITensorMemory? memory) => type switch
    {
        ElementType.Float32 => Allocate<float>(TensorElementType.Float, shape, memory),
        ElementType.Float16 => Allocate<Half>(TensorElementType.Float16, shape, memory),
        ElementType.Int64 => Allocate<long>(TensorElementType.Int64, shape, memory),
        ElementType.Int32 => Allocate<int>(TensorElementType.Int32, shape, memory),
        _ => null,
    };

    protected abstract void Store(int at, ReadOnlySpan<float> values);

    protected abstract void Store(int at, ReadOnlySpan<long> values);

    protected abstract void Load(int at, Span<float> destination);

    protected abstract Span<float> FloatsAt(int at, int length);

    private static unsafe Typed<T> Allocate<T>(TensorElementType type, long[] shape, ITensorMemory? memory)
        where T : unmanaged, INumber<T>
    {
        var length = checked((int)shape.Aggregate(1L, (product, dimension) => product * dimension));
        var bytes = (long)length * sizeof(T);
        Typed<T> buffer;
        if (memory is null)
        {
            var values = GC.AllocateUninitializedArray<T>(length, pinned: true);
            var address = Marshal.UnsafeAddrOfPinnedArrayElement(values, 0);
            buffer = new(values, (T*)address, length) { Bytes = bytes, Host = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, shape, address, bytes) };
        }
        else
        {
            var host = memory.AllocateOnHost(type, shape);
            try
            {
                var values = (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(host.GetTensorMutableRawData()));
                OrtValue Part(int at, int count) => OrtValue.CreateTensorValueWithData(host.GetTensorMemoryInfo(), type, [count], (nint)(values + at), (long)count * sizeof(T));
                buffer = new(null, values, length) { Bytes = bytes, Host = host, Mirror = new(memory, host, memory.Allocate(type, shape), Part) };
            }
            catch
            {
                host.Dispose();
                throw;
            }
        }
        Interlocked.Add(ref s_pinnedBytes, bytes);
        return buffer;
    }

    /// <param name="owner">What keeps the memory; null where the native tensor does.</param>
    /// <param name="values">The memory.</param>
    /// <param name="length">Its values.</param>
    private sealed unsafe class Typed<T>(T[]? owner, T* values, int length) : TensorBuffer
        where T : unmanaged, INumber<T>
    {
        protected override void Store(int at, ReadOnlySpan<float> source)
        {
            var target = Range(at, source.Length);
            if (typeof(T) == typeof(float))
                MemoryMarshal.Cast<float, T>(source).CopyTo(target);
            else if (typeof(T) == typeof(long) || typeof(T) == typeof(int))
                for (var i = 0; i < source.Length; i++)
                    target[i] = T.CreateTruncating(MathF.Round(source[i]));
            else
                for (var i = 0; i < source.Length; i++)
                    target[i] = T.CreateTruncating(source[i]);
        }

        protected override void Store(int at, ReadOnlySpan<long> source)
        {
            var target = Range(at, source.Length);
            for (var i = 0; i < source.Length; i++)
                target[i] = T.CreateTruncating(source[i]);
        }

        protected override Span<float> FloatsAt(int at, int count) => typeof(T) == typeof(float) ? MemoryMarshal.Cast<T, float>(Range(at, count)) : [];

        protected override void Load(int at, Span<float> destination)
        {
            var source = Range(at, destination.Length);
            if (typeof(T) == typeof(float))
                MemoryMarshal.Cast<T, float>(source).CopyTo(destination);
            else
                for (var i = 0; i < destination.Length; i++)
                    destination[i] = float.CreateTruncating(source[i]);
        }

        private Span<T> Range(int at, int count)
        {
            GC.KeepAlive(owner);
            return new Span<T>(values, length).Slice(at, count);
        }
    }
}

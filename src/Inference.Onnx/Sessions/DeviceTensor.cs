using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>A tensor in a device's memory, whole or in parts. Its values are reached by copying alone.</summary>
internal sealed class DeviceTensor : IDisposable
{
    private readonly OrtMemoryInfo _place;
    private readonly TensorElementType _type;
    private readonly int _size;
    private readonly nint _address;
    private readonly DeviceGate _gate;
    private Action<long>? _freed;

    /// <param name="whole">The tensor, which is disposed with this.</param>
    /// <param name="place">Where it lies.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="gate">Entered when it is freed.</param>
    /// <param name="freed">Told its bytes when it is disposed.</param>
    public unsafe DeviceTensor(OrtValue whole, OrtMemoryInfo place, TensorElementType type, long[] shape, DeviceGate gate, Action<long> freed)
    {
        (Whole, _place, _type, _gate, _freed) = (whole, place, type, gate, freed);
        Length = checked((int)shape.Aggregate(1L, (product, dimension) => product * dimension));
        _size = type switch
        {
            TensorElementType.Float => 4,
            TensorElementType.Int32 => 4,
            TensorElementType.Float16 => 2,
            TensorElementType.Int64 => 8,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type of inputs and outputs."),
        };
        // An address that only the device can follow.
        _address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(whole.GetTensorMutableRawData()));
    }

    /// <summary>The tensor.</summary>
    public OrtValue Whole { get; }

    /// <summary>Its values.</summary>
    public int Length { get; }

    /// <summary>Its memory.</summary>
    public long Bytes => (long)Length * _size;

    /// <summary>Values from element <paramref name="at"/> of its row-major order on, as a tensor of one dimension over the same memory.</summary>
    public OrtValue Part(int at, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at + length, Length);
        return OrtValue.CreateTensorValueWithData(_place, _type, [length], _address + (nint)at * _size, (long)length * _size);
    }

    /// <summary>The tensor in another shape of as many values, over the same memory.</summary>
    public OrtValue As(long[] shape) => OrtValue.CreateTensorValueWithData(_place, _type, shape, _address, Bytes);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _freed, null) is not { } freed)
            return;
        freed(Bytes);
        using var call = _gate.Enter();
        Whole.Dispose();
    }
}

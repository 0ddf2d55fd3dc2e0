using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>Memory of a device of its own, and page-locked memory of the host beside it.</summary>
internal sealed class DeviceMemory : ITensorMemory
{
    private static long s_bytes;
    private readonly OrtAllocator _device;
    private readonly OrtAllocator? _pinned;
    private readonly Func<OrtMemoryInfo, bool> _holds;
    private readonly OrtMemoryInfo _place;
    private readonly Lazy<(DeviceTensor Device, OrtValue Host)> _fence;

    /// <param name="device">Allocates on the device.</param>
    /// <param name="pinned">Allocates on the host; null takes what every process has.</param>
    /// <param name="holds">Whether tensors that a session wants in a place lie on the device.</param>
    public DeviceMemory(OrtAllocator device, OrtAllocator? pinned, Func<OrtMemoryInfo, bool> holds)
    {
        (_device, _pinned, _holds, _place) = (device, pinned, holds, device.Info);
        _fence = new(() => (Allocate(TensorElementType.Float, [1]), AllocateOnHost(TensorElementType.Float, [1])));
    }

    /// <summary>Bytes of tensors on devices.</summary>
    public static long Bytes => Interlocked.Read(ref s_bytes);

    public DeviceGate Gate { get; } = new();

    public bool Holds(OrtMemoryInfo place) => _holds(place);

    public OrtValue AllocateOnHost(TensorElementType type, long[] shape)
    {
        using var call = Gate.Enter();
        return OrtValue.CreateAllocatedTensorValue(_pinned ?? OrtAllocator.DefaultInstance, type, shape);
    }

    public DeviceTensor Allocate(TensorElementType type, long[] shape)
    {
        using var call = Gate.Enter();
        var tensor = new DeviceTensor(OrtValue.CreateAllocatedTensorValue(_device, type, shape), _place, type, shape, Gate, bytes => Interlocked.Add(ref s_bytes, -bytes));
        Interlocked.Add(ref s_bytes, tensor.Bytes);
        return tensor;
    }

    public void Copy(OrtValue source, OrtValue target)
    {
        using var call = Gate.Enter();
        OrtEnv.Instance().CopyTensors([source], [target], null);
    }

    public void CopyWithin(IReadOnlyList<OrtValue> sources, IReadOnlyList<OrtValue> targets)
    {
        using var call = Gate.Enter();
        OrtEnv.Instance().CopyTensors(sources, targets, null);
        // A device may still be at it: only a copy to the host, behind the others, is waited for by all of them.
        Copy(_fence.Value.Device.Whole, _fence.Value.Host);
    }
}

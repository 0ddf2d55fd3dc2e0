using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>Memory of a device of its own, and page-locked memory of the host beside it.</summary>
/// <param name="device">Allocates on the device.</param>
/// <param name="pinned">Allocates on the host; null takes what every process has.</param>
/// <param name="holds">Whether tensors that a session wants in a place lie on the device.</param>
internal sealed class DeviceMemory(OrtAllocator device, OrtAllocator? pinned, Func<OrtMemoryInfo, bool> holds) : ITensorMemory
{
    private static long s_bytes;
    private readonly OrtMemoryInfo _place = device.Info;
    private readonly Lazy<(DeviceTensor Device, OrtValue Host)> _fence = new(() => FenceOf(device, pinned));

    /// <summary>Bytes of tensors on devices.</summary>
    public static long Bytes => Interlocked.Read(ref s_bytes);

    public bool Holds(OrtMemoryInfo place) => holds(place);

    public OrtValue AllocateOnHost(TensorElementType type, long[] shape) => OrtValue.CreateAllocatedTensorValue(pinned ?? OrtAllocator.DefaultInstance, type, shape);

    public DeviceTensor Allocate(TensorElementType type, long[] shape)
    {
        var tensor = new DeviceTensor(OrtValue.CreateAllocatedTensorValue(device, type, shape), _place, type, shape, bytes => Interlocked.Add(ref s_bytes, -bytes));
        Interlocked.Add(ref s_bytes, tensor.Bytes);
        return tensor;
    }

    public void Copy(OrtValue source, OrtValue target) => OrtEnv.Instance().CopyTensors([source], [target], null);

    public void CopyWithin(IReadOnlyList<OrtValue> sources, IReadOnlyList<OrtValue> targets)
    {
        OrtEnv.Instance().CopyTensors(sources, targets, null);
        // A device may still be at it: only a copy to the host, behind the others, is waited for by all of them.
        Copy(_fence.Value.Device.Whole, _fence.Value.Host);
    }

    private static (DeviceTensor Device, OrtValue Host) FenceOf(OrtAllocator device, OrtAllocator? pinned) => (
        new(OrtValue.CreateAllocatedTensorValue(device, TensorElementType.Float, [1]), device.Info, TensorElementType.Float, [1], _ => { }),
        OrtValue.CreateAllocatedTensorValue(pinned ?? OrtAllocator.DefaultInstance, TensorElementType.Float, [1]));
}

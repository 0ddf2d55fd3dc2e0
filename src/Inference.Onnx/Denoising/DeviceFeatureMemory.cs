using Inference.Batching;
using Inference.Sampling;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>Blocks of features in a device's memory. Those that come back are kept for the next request, up to a bound. Safe for any thread.</summary>
/// <param name="memory">The device's memory.</param>
/// <param name="type">Element type of the features.</param>
/// <param name="keptBytes">Bytes of free blocks that are kept at most, ≥ 0.</param>
internal sealed class DeviceFeatureMemory(ITensorMemory memory, TensorElementType type, long keptBytes) : IDeviceFeatureMemory, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Stack<DeviceTensor>> _free = [];
    private long _kept;
    private bool _isClosed;

    /// <exception cref="EvaluationException">The device has no room.</exception>
    public IDisposable Rent(int values)
    {
        lock (_gate)
            if (_free.TryGetValue(values, out var blocks) && blocks.TryPop(out var block))
            {
                _kept -= block.Bytes;
                return new DeviceBlock(this, block);
            }
        try
        {
            return new DeviceBlock(this, memory.Allocate(type, [values]));
        }
        catch (OnnxRuntimeException exception)
        {
            throw new EvaluationException($"The device has no room for {values} cached values: {exception.Message}", exception);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var block in _free.Values.SelectMany(blocks => blocks))
                block.Dispose();
            _free.Clear();
        }
    }

    private void Return(DeviceTensor tensor)
    {
        lock (_gate)
            if (!_isClosed && _kept + tensor.Bytes <= keptBytes)
            {
                if (!_free.TryGetValue(tensor.Length, out var blocks))
                    _free.Add(tensor.Length, blocks = []);
                blocks.Push(tensor);
                _kept += tensor.Bytes;
                return;
            }
        tensor.Dispose();
    }

    /// <summary>A block that a request holds.</summary>
    internal sealed class DeviceBlock(DeviceFeatureMemory owner, DeviceTensor tensor) : IDisposable
    {
        private int _isReturned;

        public DeviceTensor Tensor => tensor;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReturned, 1) == 0)
                owner.Return(tensor);
        }
    }
}

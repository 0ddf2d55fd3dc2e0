using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Keeps a tensor of the host and one of a device the same, by copying what changed when the other side is wanted. Used by one thread at a time.</summary>
/// <param name="memory">Copies between the two.</param>
/// <param name="host">The host's side; disposed with this.</param>
/// <param name="device">The device's side; disposed with this.</param>
/// <param name="partOfHost">A range of the host's side as a tensor of one dimension: first element, elements.</param>
internal sealed class DeviceMirror(ITensorMemory memory, OrtValue host, DeviceTensor device, Func<int, int, OrtValue> partOfHost) : IDisposable
{
    // What the host wrote and the device has not seen: first elements and those behind the last. Rows between them may be the device's own.
    private readonly List<(int From, int To)> _written = [];
    private bool _isHostBehind;

    /// <summary>The device's side.</summary>
    public DeviceTensor Device => device;

    /// <summary>The host wrote a range.</summary>
    public void HostWrote(int at, int length)
    {
        foreach (var (from, to) in _written)
            if (from <= at && at + length <= to)
                return;
        if (_written.Count > 0 && _written[^1].To == at)
            _written[^1] = (_written[^1].From, at + length);
        else if (length > 0)
            _written.Add((at, at + length));
    }

    /// <summary>The device wrote all of it.</summary>
    public void DeviceWrote() => _isHostBehind = true;

    /// <summary>Brings what the host wrote to the device.</summary>
    public void Upload()
    {
        foreach (var (from, to) in _written)
        {
            if (to - from == device.Length)
            {
                memory.Copy(host, device.Whole);
                continue;
            }
            using var source = partOfHost(from, to - from);
            using var target = device.Part(from, to - from);
            memory.Copy(source, target);
        }
        _written.Clear();
    }

    /// <summary>Brings what the device wrote to the host.</summary>
    public void Download()
    {
        if (!_isHostBehind)
            return;
        memory.Copy(device.Whole, host);
        _isHostBehind = false;
    }

    public void Dispose()
    {
        using var call = memory.Gate.Enter();
        device.Dispose();
        host.Dispose();
    }
}

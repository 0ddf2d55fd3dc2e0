using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Inference.Batching;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx.Tests;

/// <summary>
/// The CPU as a device with memory of its own: graphs read and write tensors that nothing but copying reaches, as on a GPU. What the host forgets to bring there
/// is missing here too.
/// </summary>
internal sealed class StagedProvider : IExecutionProvider
{
    public string Name => "staged";

    public BatchBuckets Buckets => BatchBuckets.PowersOfTwo;

    public IReadOnlyList<string> Devices => ["staged"];

    /// <summary>The device's memory.</summary>
    public StagedMemory Memory { get; } = new();

    public static SessionFactory Sessions(int threads = 0) => new(ExecutionProviders.Of(new StagedProvider()), new() { IntraOp = threads });

    public string? LibraryOf(ProviderOptions options) => null;

    public void Load(ProviderOptions options)
    {
        // Nothing to load.
    }

    public void Append(SessionOptions session, ProviderOptions options, bool captures)
    {
        // The CPU's kernels.
    }

    public ITensorMemory MemoryOf(ProviderOptions options) => Memory;

    public bool CapturesGraphs(ProviderOptions options) => false;
}

/// <summary>Memory beside the host's, undefined where nothing was written; counts what is copied.</summary>
internal sealed class StagedMemory : ITensorMemory
{
    private readonly DeviceMemory _memory = new(OrtAllocator.DefaultInstance, null, _ => true);
    private readonly Lock _gate = new();
    private readonly List<(nint Start, long Length, bool IsHost)> _blocks = [];
    private long _copies;
    private long _crossed;

    /// <summary>Bytes that went from the host to the device or back so far.</summary>
    public long CrossedBytes => Interlocked.Read(ref _crossed);

    /// <summary>Tensors, or parts of them, copied so far.</summary>
    public long Copies => Interlocked.Read(ref _copies);

    /// <summary>What the next copies throw; null lets them pass.</summary>
    public Exception? Failure { get; set; }

    public DeviceGate Gate => _memory.Gate;

    public bool Holds(OrtMemoryInfo place) => _memory.Holds(place);

    public OrtValue AllocateOnHost(TensorElementType type, long[] shape)
    {
        var value = _memory.AllocateOnHost(type, shape);
        Remember(value, isHost: true);
        return value;
    }

    public DeviceTensor Allocate(TensorElementType type, long[] shape)
    {
        var tensor = _memory.Allocate(type, shape);
        // Not a number, in every type.
        tensor.Whole.GetTensorMutableRawData().Fill(0xFF);
        Remember(tensor.Whole, isHost: false);
        return tensor;
    }

    public void Copy(OrtValue source, OrtValue target)
    {
        Assert.NotEqual(IsOnHost(source), IsOnHost(target));
        CopyBytes(source, target);
        Interlocked.Add(ref _crossed, source.GetTensorMutableRawData().Length);
    }

    public void CopyWithin(IReadOnlyList<OrtValue> sources, IReadOnlyList<OrtValue> targets)
    {
        for (var i = 0; i < sources.Count; i++)
        {
            Assert.False(IsOnHost(sources[i]) || IsOnHost(targets[i]));
            CopyBytes(sources[i], targets[i]);
        }
    }

    // The runtime copies between devices alone.
    private void CopyBytes(OrtValue source, OrtValue target)
    {
        if (Failure is not null)
            throw Failure;
        Assert.Equal(source.GetTensorMutableRawData().Length, target.GetTensorMutableRawData().Length);
        source.GetTensorMutableRawData().CopyTo(target.GetTensorMutableRawData());
        Interlocked.Increment(ref _copies);
    }

    private void Remember(OrtValue value, bool isHost)
    {
        var (start, length) = (AddressOf(value), (long)value.GetTensorMutableRawData().Length);
        lock (_gate)
        {
            // Whatever lay there has been freed.
            _blocks.RemoveAll(block => block.Start < start + length && start < block.Start + block.Length);
            _blocks.Add((start, length, isHost));
        }
    }

    private bool IsOnHost(OrtValue value)
    {
        var address = AddressOf(value);
        lock (_gate)
            return _blocks.Single(block => block.Start <= address && address < block.Start + block.Length).IsHost;
    }

    private static unsafe nint AddressOf(OrtValue value) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(value.GetTensorMutableRawData()));
}

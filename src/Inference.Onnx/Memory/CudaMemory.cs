using System.Globalization;
using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>
/// The memory of an NVIDIA GPU: what is free (<c>cudaMemGetInfo</c>, CUDA runtime API) and what arenas hold already, at most <c>gpu_mem_limit</c> of the provider's
/// options, which bounds each arena with its weights.
/// </summary>
internal sealed unsafe class CudaMemory : IMemorySource
{
    private const string LimitOption = "gpu_mem_limit";
    private readonly int _device;
    private readonly long? _limit;
    private readonly delegate* unmanaged<int*, int> _getDevice;
    private readonly delegate* unmanaged<int, int> _setDevice;
    private readonly delegate* unmanaged<nuint*, nuint*, int> _getInfo;

    public CudaMemory(ProviderOptions options)
    {
        _device = options.DeviceIndex;
        _limit = LimitOf(options);
        // The provider has loaded it, so its name suffices.
        if (!NativeLibrary.TryLoad(CudaLibraries.Runtime, out var runtime))
            return;
        if (!NativeLibrary.TryGetExport(runtime, "cudaMemGetInfo", out var info) || !NativeLibrary.TryGetExport(runtime, "cudaGetDevice", out var get) || !NativeLibrary.TryGetExport(runtime, "cudaSetDevice", out var set))
            return;
        _getInfo = (delegate* unmanaged<nuint*, nuint*, int>)info;
        _getDevice = (delegate* unmanaged<int*, int>)get;
        _setDevice = (delegate* unmanaged<int, int>)set;
    }

    public long? Available(in MemoryHeld held)
    {
        var most = _limit is { } limit ? Math.Max(0, limit - held.Weights) : (long?)null;
        return Free() is not { } free ? most : most is null ? free + held.Working : Math.Min(most.Value, free + held.Working);
    }

    /// <summary>The bound in the provider's options; null where there is none.</summary>
    internal static long? LimitOf(ProviderOptions options) =>
        options.Options.TryGetValue(LimitOption, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0 ? bytes : null;

    private long? Free()
    {
        if (_getInfo is null)
            return null;
        // The device is the thread's, and other code on it has its own.
        int before;
        if (_getDevice(&before) != 0 || (before != _device && _setDevice(_device) != 0))
            return null;
        nuint free, total;
        var isKnown = _getInfo(&free, &total) == 0;
        if (before != _device)
            _ = _setDevice(before);
        return isKnown ? (long)free : null;
    }
}

namespace Inference.Onnx;

/// <summary>
/// The memory of this machine or of the container the process runs in, less what the process holds for other things than computing. Not known where the managed
/// heap has a bound of its own (<c>DOTNET_GCHeapHardLimit</c>): the runtime then tells that in place of the machine's, and sessions compute outside the heap.
/// </summary>
internal sealed class HostMemory : IMemorySource
{
    private readonly bool _isHeapBounded = GC.GetConfigurationVariables().Any(variable => variable.Key is "GCHeapHardLimit" or "GCHeapHardLimitPercent" && variable.Value is long and > 0);

    public long? Available(in MemoryHeld held) =>
        _isHeapBounded ? null : Math.Max(0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Math.Max(0, Environment.WorkingSet - held.Working));
}

namespace Inference.Onnx;

/// <summary>The memory of this machine or of the container the process runs in, less what the process holds for other things than computing.</summary>
internal sealed class HostMemory : IMemorySource
{
    public long? Available(in MemoryHeld held) => Math.Max(0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Math.Max(0, Environment.WorkingSet - held.Working));
}

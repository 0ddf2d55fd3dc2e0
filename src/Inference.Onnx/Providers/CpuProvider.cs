using Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>ONNX Runtime's own CPU kernels: always there, and what every other provider falls back to.</summary>
internal sealed class CpuProvider : IExecutionProvider
{
    public string Name => "cpu";

    public BatchBuckets Buckets => BatchBuckets.Any;

    public IReadOnlyList<string> Devices => [$"{Environment.ProcessorCount} cores"];

    public string? LibraryOf(ProviderOptions options) => null;

    public void Load(ProviderOptions options)
    {
        if (options.DeviceIndex != 0)
            throw new ProviderUnavailableException(Name, $"device index {options.DeviceIndex} does not exist; the CPU has device 0 only.");
        if (options.LibraryPath is not null || options.LibraryFolders.Count > 0 || options.Options.Count > 0)
            throw new ProviderUnavailableException(Name, "it takes no library path, no library folders and no options.");
    }

    public ITensorMemory? MemoryOf(ProviderOptions options) => null;

    public bool CapturesGraphs(ProviderOptions options) => false;

    public void Append(SessionOptions session, ProviderOptions options, bool captures)
    {
        // Part of every session.
    }
}

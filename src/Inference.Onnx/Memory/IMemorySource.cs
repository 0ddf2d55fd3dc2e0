namespace Inference.Onnx;

/// <summary>What loaded models hold, in bytes.</summary>
/// <param name="Weights">Files of their weights.</param>
/// <param name="Working">What their sessions' arenas have taken to compute in: they keep it, and later evaluations use it again.</param>
public readonly record struct MemoryHeld(long Weights, long Working);

/// <summary>Says how much memory there is to compute in.</summary>
public interface IMemorySource
{
    /// <summary>Bytes that evaluations and decodes may take together beside the weights, what arenas hold for them included; null where that is not known.</summary>
    long? Available(in MemoryHeld held);
}

/// <summary>The memory sources there are.</summary>
public static class MemorySources
{
    /// <summary>So many bytes for models, their weights included, whatever the device has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public static IMemorySource Fixed(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        return new FixedMemory(bytes);
    }


    /// <summary>What the device of the first provider has.</summary>
    public static IMemorySource Of(ExecutionProviders providers) => providers.Names[0] == "cuda" ? new CudaMemory(providers.First) : new HostMemory();

    private sealed class FixedMemory(long bytes) : IMemorySource
    {
        public long? Available(in MemoryHeld held) => Math.Max(0, bytes - held.Weights);
    }
}

using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What all pipelines of a process share: how sessions are opened, the threads of the small graphs, batching, clock.</summary>
public sealed class PipelineHost : IDisposable
{
    public PipelineHost(SessionFactory sessions, StepBatcherOptions batching, TimeProvider time, IBatchObserver? batches = null, CostOptions? costs = null, ComponentOptions? components = null,
        INetworkGuard? guard = null)
    {
        (Sessions, Time, Guard) = (sessions, time, guard);
        Device = new(string.Join(',', sessions.Providers.Names), batching, time, batches);
        var options = components ?? new();
        DecodeBytes = options.DecodeBytes;
        Embeddings = new(options.EmbeddingBytes);
        Costs = new(sessions, costs ?? new());
        Features = new(options.FreeFeatureBytes);
        CalibrationDirectory = options.CalibrationDirectory;
        Memory = new(options.Memory ?? MemorySources.Of(sessions.Providers));
    }

    /// <summary>The processor of this machine.</summary>
    public static string Machine => Processor.Description;

    public SessionFactory Sessions { get; }

    /// <summary>Runs text encoders.</summary>
    public EvaluationThread Components { get; } = new("text encoders");

    /// <summary>Runs autoencoders.</summary>
    public EvaluationThread Autoencoders { get; } = new("autoencoders");

    /// <summary>Evaluates the networks of all models, one thread.</summary>
    public StepBatcher Device { get; }

    public TimeProvider Time { get; }

    /// <summary>Memory of cached features of all requests.</summary>
    public FeaturePool Features { get; }

    /// <summary>Stands between the batcher and the networks, or null.</summary>
    public INetworkGuard? Guard { get; }

    /// <summary>What the models compute in.</summary>
    internal MemoryBudget Memory { get; }

    /// <summary>Measured costs of the models.</summary>
    internal ModelCosts Costs { get; }

    /// <summary>Encoded prompts of all models.</summary>
    internal EmbeddingCache Embeddings { get; }

    /// <summary>Folder of calibrations that come before those beside the models; null is none.</summary>
    internal string? CalibrationDirectory { get; }

    /// <summary>Working memory of one decode batch.</summary>
    internal long DecodeBytes { get; }

    public void Dispose()
    {
        Device.Dispose();
        Components.Dispose();
        Autoencoders.Dispose();
    }
}

/// <summary>Bounds of what lies around the network.</summary>
public sealed record ComponentOptions
{
    /// <summary>Bytes of encoded prompts that are kept, ≥ 0; empty prompts are kept besides.</summary>
    public long EmbeddingBytes { get; init; } = 64L << 20;

    /// <summary>Folder of cache calibrations, one file a model, which come before those beside the models; null is none.</summary>
    public string? CalibrationDirectory { get; init; }

    /// <summary>Says how much memory models may compute in; null asks the device.</summary>
    public IMemorySource? Memory { get; init; }

    /// <summary>Bytes of feature memory that finished requests leave for the next ones, ≥ 0.</summary>
    public long FreeFeatureBytes { get; init; } = 256L << 20;

    /// <summary>Estimated working memory of one decode batch, in bytes; a single picture is decoded whatever it needs.</summary>
    public long DecodeBytes { get; init; } = 1L << 30;
}

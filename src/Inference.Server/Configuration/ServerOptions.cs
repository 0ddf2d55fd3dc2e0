using Inference.Onnx;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Configuration of the server, section <c>Inference</c> (appsettings.json, environment <c>Inference__...</c>, command line).</summary>
public sealed record ServerOptions
{
    public const string Section = "Inference";

    public ModelOptions Models { get; init; } = new();

    /// <summary>Execution providers in order of preference: <c>cpu</c>, <c>cuda</c>. Empty means <c>cpu</c>.</summary>
    public string[] Providers { get; init; } = [];

    /// <summary>Options of a provider, by its name.</summary>
    public Dictionary<string, ProviderSettings> ProviderOptions { get; init; } = [];

    public NetworkSettings Networks { get; init; } = new();

    public ThreadOptions Threads { get; init; } = new();

    public BatchingOptions Batching { get; init; } = new();

    public QueueOptions Queue { get; init; } = new();

    public LimitOptions Limits { get; init; } = new();

    public StreamingOptions Streaming { get; init; } = new();

    public JobOptions Jobs { get; init; } = new();

    public ExperimentOptions Experiments { get; init; } = new();

    public PresetOptions Presets { get; init; } = new();

    public ConnectionOptions Connections { get; init; } = new();

    public ResilienceOptions Resilience { get; init; } = new();

    public ShutdownOptions Shutdown { get; init; } = new();

    public TracingOptions Tracing { get; init; } = new();

    public KeyOptions Keys { get; init; } = new();

    public CorsOptions Cors { get; init; } = new();
}

/// <summary>Which models are served.</summary>
public sealed record ModelOptions
{
    /// <summary>Directory of model folders; relative paths start at the program's folder.</summary>
    public string Directory { get; init; } = "models";

    /// <summary>Model of requests that name none; null takes the first by name.</summary>
    public string? Default { get; init; }

    /// <summary>When models are loaded: <c>Start</c> (all, before requests are served) or <c>OnDemand</c> (with the first request that names them).</summary>
    public ModelLoading Loading { get; init; }

    /// <summary>Bytes of model files in memory at once; null is no limit. The least recently used idle model makes room for another.</summary>
    public long? MemoryBudgetBytes { get; init; }

    /// <summary>Folder of cache calibrations that come before those beside the models, for model folders that may not be written; relative paths start at
    /// the program's folder. Empty is none.</summary>
    public string CalibrationDirectory { get; init; } = "";

    /// <summary>Bytes of encoded prompts that are kept.</summary>
    public long EmbeddingCacheBytes { get; init; } = 64L << 20;

    /// <summary>Estimated working memory of one batch of pictures that are decoded together, in bytes.</summary>
    public long DecodeBatchBytes { get; init; } = 1L << 30;
}

/// <summary>Options of one execution provider.</summary>
public sealed record ProviderSettings
{
    /// <summary>Index of the device, from 0.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>Path of the provider's plugin library; null looks beside the binaries.</summary>
    public string? LibraryPath { get; init; }

    /// <summary>Folders in which the libraries behind the plugin (CUDA, cuDNN) are looked for, in front of the loader's usual path.</summary>
    public string[] LibraryFolders { get; init; } = [];

    /// <summary>Options handed to the provider as they are.</summary>
    public Dictionary<string, string> Options { get; init; } = [];
}

/// <summary>How networks run.</summary>
public sealed record NetworkSettings
{
    /// <summary>What they compute in: <c>float32</c>, <c>float16</c>, <c>bfloat16</c>, <c>int8</c>.</summary>
    public string Precision { get; init; } = "float32";

    /// <summary>How attention is computed: <c>Exported</c>, or <c>Fused</c> where shapes allow.</summary>
    public AttentionForm Attention { get; init; }
}

/// <summary>Threads of the CPU kernels.</summary>
public sealed record ThreadOptions
{
    /// <summary>Threads of one evaluation; 0 takes one a core.</summary>
    public int IntraOp { get; init; }

    /// <summary>Whether waiting threads spin.</summary>
    public bool Spinning { get; init; }
}

/// <summary>How rows of running requests are gathered into batches.</summary>
public sealed record BatchingOptions
{
    /// <summary>Largest number of rows in one evaluation; measured costs usually ask for less.</summary>
    public int MaxRows { get; init; } = 32;

    /// <summary>How long a free device waits at most for lanes that are not ready, in milliseconds.</summary>
    public int GuardMilliseconds { get; init; } = 50;

    /// <summary>Directory that keeps measured evaluation costs; relative paths start at the program's folder. Empty keeps nothing.</summary>
    public string CostDirectory { get; init; } = "costs";

    /// <summary>Milliseconds a model's warm-up may spend on measuring evaluation costs.</summary>
    public int CostBudgetMilliseconds { get; init; } = 500;
}

/// <summary>How many requests run and how much work waits.</summary>
public sealed record QueueOptions
{
    /// <summary>Pictures denoised side by side.</summary>
    public int MaxRunning { get; init; } = 16;

    /// <summary>Bytes of cached features that running requests may hold together; requests wait for it, and one that needs more alone is refused.</summary>
    public long MaxFeatureBytes { get; init; } = 2L << 30;

    /// <summary>Seconds of predicted work that are accepted; beyond that requests get 429.</summary>
    public double MaxQueuedSeconds { get; init; } = 60;

    /// <summary>Milliseconds within which requests must be done that do not say so themselves.</summary>
    public int DefaultTimeoutMilliseconds { get; init; } = 120_000;

    /// <summary>Largest timeout of a request in milliseconds; longer ones are cut to it.</summary>
    public int MaxTimeoutMilliseconds { get; init; } = 600_000;

    /// <summary>Seconds by which batch requests are put behind interactive ones.</summary>
    public double BatchDelaySeconds { get; init; } = 30;
}

/// <summary>Largest values that requests may ask for.</summary>
public sealed record LimitOptions
{
    public int MaxSteps { get; init; } = 200;

    public int MaxCount { get; init; } = 10;

    /// <summary>Characters of a prompt.</summary>
    public int MaxPromptLength { get; init; } = 10_000;

    public double MaxGuidanceScale { get; init; } = 50;

    /// <summary>Bytes of a request body, pictures apart.</summary>
    public int MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of a picture that is sent.</summary>
    public int MaxImageBytes { get; init; } = 32 << 20;

    /// <summary>Width times height of a picture that is generated.</summary>
    public long MaxPixels { get; init; } = 2048L * 2048;

    /// <summary>Bytes that models may take of their device's memory: their weights, and what pictures are computed in. Requests that need more are refused, and
    /// batches are kept to it. Null is what the device has.</summary>
    public long? MemoryBytes { get; init; }
}

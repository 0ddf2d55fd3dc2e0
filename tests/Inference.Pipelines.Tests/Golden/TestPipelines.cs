using Inference.Batching;
using Inference.Onnx;
using Inference.TestKit;

namespace Inference.Pipelines.Tests;

/// <summary>The folder of test pipelines: model folders beside <c>golden/</c>. <c>INFERENCE_PIPELINES_DIR</c> names another one of the same form.</summary>
internal static class TestPipelines
{
    public static string Root { get; } = Environment.GetEnvironmentVariable("INFERENCE_PIPELINES_DIR") is { Length: > 0 } named
        ? named
        : Repository.PathOf("tests", "Inference.Pipelines.Tests", "Pipelines");

    /// <summary>Names of the model folders.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Root)
        .Where(folder => File.Exists(Path.Combine(folder, "model_index.json"))).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    public static string GoldenFile(string name) => Path.Combine(Root, "golden", name);

    public static string Folder(string name) => Path.Combine(Root, name);

    public static PipelineHost Host(IBatchObserver? observer = null) => Host(new SessionFactory(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new()), observer);

    public static PipelineHost Host(SessionFactory sessions, IBatchObserver? observer = null) => new(sessions, new(), TimeProvider.System, observer);
}

/// <summary>Test pipelines, each loaded when it is first asked for.</summary>
public sealed class LoadedPipelines : IDisposable
{
    private readonly Dictionary<string, DiffusionPipeline> _loaded = [];

    public LoadedPipelines()
        : this(TestPipelines.Host())
    {
    }

    internal LoadedPipelines(PipelineHost host) => Host = host;

    public PipelineHost Host { get; }

    public DiffusionPipeline this[string name]
    {
        get
        {
            if (!_loaded.TryGetValue(name, out var pipeline))
                _loaded.Add(name, pipeline = DiffusionPipeline.Load(TestPipelines.Folder(name), Host));
            return pipeline;
        }
    }

    public void Dispose()
    {
        foreach (var pipeline in _loaded.Values)
            pipeline.Dispose();
        Host.Dispose();
    }
}

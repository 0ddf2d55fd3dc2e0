using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>Where a model of the catalog stands.</summary>
public enum ModelState
{
    /// <summary>Not in memory; a request loads it.</summary>
    Unloaded,

    /// <summary>Being loaded.</summary>
    Loading,

    /// <summary>In memory.</summary>
    Ready,

    /// <summary>Cannot be loaded; <see cref="ModelEntry.Error"/> says why.</summary>
    Failed,
}

/// <summary>One model folder of a catalog. Changed under the catalog's lock only; what is read of it may be a moment old.</summary>
public sealed class ModelEntry
{
    internal ModelEntry(string folder) => (Folder, Name) = (folder, Path.GetFileName(folder));

    /// <summary>Name in requests: the folder's.</summary>
    public string Name { get; }

    public ModelState State { get; internal set; }

    /// <summary>Why it cannot be loaded, or null.</summary>
    public string? Error { get; internal set; }

    /// <summary>The loaded model, or null.</summary>
    public DiffusionPipeline? Pipeline { get; internal set; }

    /// <summary>Bytes of its graph and weight files, which is what it counts in the memory budget.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Number of weights; 0 before it was loaded once.</summary>
    public long Parameters { get; internal set; }

    internal string Folder { get; }

    /// <summary>Requests that hold it now.</summary>
    internal int Users { get; set; }

    /// <summary>Number of the request that held it last.</summary>
    internal long LastUse { get; set; }

    /// <summary>Sizes of the graphs of a folder: those of its component folders, and nothing deeper.</summary>
    /// <exception cref="GraphException">A graph is missing, truncated or no graph.</exception>
    internal static GraphFile Measure(string folder)
    {
        var graphs = Directory.EnumerateDirectories(folder).Select(component => Path.Combine(component, "model.onnx")).Where(File.Exists).Select(GraphFile.Measure).ToArray();
        return new(graphs.Sum(graph => graph.Parameters), graphs.Sum(graph => graph.Bytes));
    }
}

/// <summary>A model in use: it is not unloaded before this is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private Action? _release;

    internal ModelLease(DiffusionPipeline pipeline, Action release) => (Pipeline, _release) = (pipeline, release);

    public DiffusionPipeline Pipeline { get; }

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}

/// <summary>A model that exists cannot be used; the message says why.</summary>
public sealed class ModelUnavailableException(string name, string message, Exception? inner = null) : Exception($"Model '{name}' cannot be used: {message}", inner)
{
    public string Name { get; } = name;
}

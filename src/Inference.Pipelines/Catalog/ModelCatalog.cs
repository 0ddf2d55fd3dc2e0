using System.Collections.Frozen;
using System.Collections.Immutable;
using Inference.Batching;
using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>
/// The models of a process, by name. Names from requests are looked up here and never reach the file system. Models are loaded at start or with their
/// first request; under a memory budget the least recently used idle one is unloaded for another, one in use never.
/// </summary>
public sealed class ModelCatalog : IDisposable
{
    private readonly FrozenDictionary<string, ModelEntry> _entries;
    private readonly CatalogOptions _options;
    private readonly PipelineHost _host;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _loading = new(1);
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _uses;

    private ModelCatalog(IEnumerable<ModelEntry> entries, CatalogOptions options, PipelineHost host)
    {
        (_options, _host) = (options, host);
        Entries = [.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        _entries = Entries.ToFrozenDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>Every model folder, by name.</summary>
    public ImmutableArray<ModelEntry> Entries { get; }

    /// <summary>The models in memory.</summary>
    public IEnumerable<DiffusionPipeline> Models => Entries.Select(entry => entry.Pipeline).OfType<DiffusionPipeline>();

    /// <summary>The model of requests that name none: the configured one, otherwise the first that can be loaded.</summary>
    public string DefaultName => _options.Default ?? (Entries.FirstOrDefault(entry => entry.State != ModelState.Failed) ?? Entries[0]).Name;

    /// <summary>Bytes of the models in memory.</summary>
    public long LoadedBytes => Entries.Where(entry => entry.Pipeline is not null).Sum(entry => entry.Bytes);

    /// <summary>Lists the model folders of a directory (those with a model_index.json), without loading any.</summary>
    /// <exception cref="ModelFolderException">There are none, or the default model is not among them.</exception>
    public static ModelCatalog Open(string directory, CatalogOptions options, PipelineHost host)
    {
        if (!Directory.Exists(directory))
            throw new ModelFolderException(directory, "expected a directory of model folders; it does not exist.");
        var folders = Directory.EnumerateDirectories(directory).Where(folder => File.Exists(Path.Combine(folder, "model_index.json"))).Select(folder => new ModelEntry(folder)).ToArray();
        if (folders.Length == 0)
            throw new ModelFolderException(directory, "expected at least one model folder with a model_index.json.");
        if (options.Default is { } name && folders.All(entry => entry.Name != name))
            throw new ModelFolderException(directory, $"expected the default model '{name}'.");
        return new(folders, options, host);
    }

    /// <summary>Loads what is to be loaded at start, as far as the memory budget goes. Folders that fail do not keep the others from loading.</summary>
    /// <exception cref="ModelFolderException">No model, or not the default one, can be loaded.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Loading == ModelLoading.OnDemand)
            return;
        foreach (var entry in Entries)
            try
            {
                // A model that would push another out again waits for its first request.
                if (_options.MemoryBytes is not { } budget || Measured(entry) + LoadedBytes <= budget)
                    (await AcquireAsync(entry.Name, cancellationToken))?.Dispose();
            }
            catch (ModelUnavailableException)
            {
                // The entry holds the error.
            }
        var needed = _options.Default is { } name ? Entries.Where(entry => entry.Name == name) : Entries;
        if (needed.All(entry => entry.State == ModelState.Failed))
            throw new ModelFolderException(Path.GetDirectoryName(Entries[0].Folder)!, string.Join(" ", needed.Select(entry => $"'{entry.Name}' cannot be loaded: {entry.Error}")
                .Prepend(_options.Default is { } expected ? $"expected the default model '{expected}'." : "expected at least one model folder with a model_index.json.")));
    }

    /// <summary>Whether there is a model of this name, in memory or not.</summary>
    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>The model of this name, loaded if need be; null where there is none. Dispose the lease when done.</summary>
    /// <exception cref="ModelUnavailableException">It cannot be loaded, or is larger than the memory budget.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting for memory or for another model's loading.</exception>
    public async ValueTask<ModelLease?> AcquireAsync(string name, CancellationToken cancellationToken)
    {
        if (!_entries.TryGetValue(name, out var entry))
            return null;
        if (TryLease(entry) is { } ready)
            return ready;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (TryLease(entry) is { } loaded)
                return loaded;
            await MakeRoomAsync(entry, cancellationToken);
            await Task.Run(() => LoadAsync(entry, cancellationToken), cancellationToken);
            return TryLease(entry)!;
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose()
    {
        foreach (var pipeline in Models)
            pipeline.Dispose();
        _loading.Dispose();
    }

    private ModelLease? TryLease(ModelEntry entry)
    {
        lock (_gate)
        {
            if (entry.State == ModelState.Failed)
                throw new ModelUnavailableException(entry.Name, entry.Error!);
            if (entry.Pipeline is not { } pipeline)
                return null;
            entry.Users++;
            entry.LastUse = ++_uses;
            return new(pipeline, () => Release(entry));
        }
    }

    private void Release(ModelEntry entry)
    {
        lock (_gate)
        {
            entry.Users--;
            _released.TrySetResult();
            _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task MakeRoomAsync(ModelEntry entry, CancellationToken cancellationToken)
    {
        if (_options.MemoryBytes is not { } budget)
            return;
        var needed = Measured(entry);
        if (needed > budget)
            throw Failed(entry, $"it needs {needed} bytes, the memory budget is {budget}.", null);
        while (true)
        {
            Task released;
            lock (_gate)
            {
                while (LoadedBytes + needed > budget && Idle() is { } idle)
                    Unload(idle);
                if (LoadedBytes + needed <= budget)
                    return;
                released = _released.Task;
            }
            await released.WaitAsync(cancellationToken);
        }
    }

    private ModelEntry? Idle() => Entries.Where(entry => entry is { Pipeline: not null, Users: 0 }).MinBy(entry => entry.LastUse);

    private static void Unload(ModelEntry entry)
    {
        entry.Pipeline!.Dispose();
        (entry.Pipeline, entry.State) = (null, ModelState.Unloaded);
    }

    private async Task LoadAsync(ModelEntry entry, CancellationToken cancellationToken)
    {
        entry.State = ModelState.Loading;
        DiffusionPipeline? pipeline = null;
        try
        {
            Measured(entry);
            pipeline = DiffusionPipeline.Load(entry.Folder, _host);
            if (_options.WarmUp)
                await pipeline.WarmUpAsync(cancellationToken);
            lock (_gate)
                (entry.Pipeline, entry.State) = (pipeline, ModelState.Ready);
        }
        catch (Exception exception)
        {
            pipeline?.Dispose();
            if (entry.State == ModelState.Loading)
                entry.State = ModelState.Unloaded;
            if (exception is ModelFolderException or GraphException or PrecisionException or TokenizerException or EvaluationException or GenerationFailedException or IOException or UnauthorizedAccessException)
                throw Failed(entry, exception.Message, exception);
            throw;
        }
    }

    private static long Measured(ModelEntry entry)
    {
        if (entry.Bytes > 0)
            return entry.Bytes;
        try
        {
            (entry.Parameters, entry.Bytes) = ModelEntry.Measure(entry.Folder);
            return entry.Bytes;
        }
        catch (Exception exception) when (exception is GraphException or IOException or UnauthorizedAccessException)
        {
            throw Failed(entry, exception.Message, exception);
        }
    }

    private static ModelUnavailableException Failed(ModelEntry entry, string error, Exception? inner)
    {
        (entry.Error, entry.State) = (error, ModelState.Failed);
        return new(entry.Name, error, inner);
    }
}

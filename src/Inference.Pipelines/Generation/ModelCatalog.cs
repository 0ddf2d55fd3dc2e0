using System.Collections.Immutable;
using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>A folder that could not be loaded, and why.</summary>
public sealed record FailedModel(string Name, string Error);

/// <summary>The models of a process, by name. Names from requests are looked up here and never reach the file system.</summary>
public sealed class ModelCatalog : IDisposable
{
    private readonly ImmutableSortedDictionary<string, DiffusionPipeline> _models;

    private ModelCatalog(ImmutableSortedDictionary<string, DiffusionPipeline> models, ImmutableArray<FailedModel> failed, string defaultName) =>
        (_models, Failed, DefaultName) = (models, failed, defaultName);

    /// <summary>The loaded models.</summary>
    public IEnumerable<DiffusionPipeline> Models => _models.Values;

    /// <summary>Folders that could not be loaded; they do not keep the others from serving.</summary>
    public ImmutableArray<FailedModel> Failed { get; }

    /// <summary>The model of requests that name none.</summary>
    public string DefaultName { get; }

    /// <summary>Loads every model folder in a directory (those with a model_index.json).</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="defaultName">Model of requests that name none; null takes the first by name.</param>
    /// <param name="host">What the pipelines share.</param>
    /// <exception cref="ModelFolderException">No model could be loaded, or the default model is not among them.</exception>
    public static ModelCatalog Load(string directory, string? defaultName, PipelineHost host)
    {
        if (!Directory.Exists(directory))
            throw new ModelFolderException(directory, "expected a directory of model folders; it does not exist.");
        var models = ImmutableSortedDictionary.CreateBuilder<string, DiffusionPipeline>(StringComparer.Ordinal);
        var failed = ImmutableArray.CreateBuilder<FailedModel>();
        foreach (var folder in Directory.EnumerateDirectories(directory).Where(folder => File.Exists(Path.Combine(folder, "model_index.json"))).Order(StringComparer.Ordinal))
            try
            {
                var pipeline = DiffusionPipeline.Load(folder, host);
                models.Add(pipeline.Name, pipeline);
            }
            catch (Exception exception) when (exception is ModelFolderException or GraphException or TokenizerException or SchedulerConfigException)
            {
                failed.Add(new(Path.GetFileName(folder), exception.Message));
            }
        var name = defaultName ?? models.Keys.FirstOrDefault();
        if (name is not null && models.ContainsKey(name))
            return new(models.ToImmutable(), failed.ToImmutable(), name);
        foreach (var pipeline in models.Values)
            pipeline.Dispose();
        var expected = defaultName is null ? "expected at least one model folder with a model_index.json." : $"expected the default model '{defaultName}'.";
        throw new ModelFolderException(directory, string.Join(" ", failed.Select(model => $"'{model.Name}' cannot be loaded: {model.Error}").Prepend(expected)));
    }

    /// <summary>The model of this name, or null.</summary>
    public DiffusionPipeline? Find(string name) => _models.GetValueOrDefault(name);

    public void Dispose()
    {
        foreach (var pipeline in Models)
            pipeline.Dispose();
    }
}

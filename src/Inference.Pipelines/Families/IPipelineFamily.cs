using System.Collections.Frozen;
using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>A family of pipelines: says how conditioning, latents and the network's inputs are put together. Everything shared lives elsewhere.</summary>
internal interface IPipelineFamily
{
    /// <summary><c>_class_name</c> of model_index.json.</summary>
    string ClassName { get; }

    /// <summary>Loads the parts of a folder of this family.</summary>
    /// <exception cref="ModelFolderException">A file is missing or not what was expected.</exception>
    /// <exception cref="GraphException">A graph cannot be loaded.</exception>
    DiffusionPipeline Load(ModelFolder folder, PipelineHost host);
}

/// <summary>The families by class name.</summary>
internal static class PipelineFamilies
{
    private static readonly FrozenDictionary<string, IPipelineFamily> ByClass =
        new IPipelineFamily[] { new PictogramFamily() }.ToFrozenDictionary(family => family.ClassName, StringComparer.Ordinal);

    /// <summary>The family of a model folder.</summary>
    /// <exception cref="ModelFolderException">The class is not supported.</exception>
    public static IPipelineFamily Of(ModelFolder folder)
    {
        var index = folder.Json("model_index.json");
        var name = index.Text("_class_name");
        return ByClass.TryGetValue(name, out var family)
            ? family
            : throw new ModelFolderException(index.Path, $"pipeline class '{name}' is not supported; supported are: {string.Join(", ", ByClass.Keys.Order())}.");
    }
}

using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>A family of pipelines: says how conditioning, latents and the network's inputs are put together. Everything shared lives elsewhere.</summary>
internal interface IPipelineFamily
{
    /// <summary><c>_class_name</c> of model_index.json.</summary>
    string ClassName { get; }

    /// <summary>Loads the parts of a folder of this family.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="host">What the pipelines of the process share.</param>
    /// <param name="loading">Takes each part as it is loaded, so that none is lost when a later one fails.</param>
    /// <exception cref="ModelFolderException">A file is missing or not what was expected.</exception>
    /// <exception cref="GraphException">A graph cannot be loaded.</exception>
    /// <exception cref="TokenizerException">A tokenizer cannot be loaded.</exception>
    PipelineParts Load(ModelFolder folder, PipelineHost host, LoadingParts loading);
}

using System.Collections.Frozen;

namespace Inference.Pipelines;

/// <summary>The families by class name.</summary>
internal static class PipelineFamilies
{
    private static readonly FrozenDictionary<string, IPipelineFamily> ByClass = new IPipelineFamily[]
    {
        new DiTFamily(),
        new FluxFamily(),
        new LatentConsistencyFamily(),
        new PictogramFamily(),
        new PixArtFamily("PixArtAlphaPipeline", tokens: 120),
        new PixArtFamily("PixArtSigmaPipeline", tokens: 300),
        new StableDiffusionFamily(),
        new StableDiffusion3Family(),
        new StableDiffusionXLFamily(),
    }.ToFrozenDictionary(family => family.ClassName, StringComparer.Ordinal);

    /// <summary>The family of a model folder.</summary>
    /// <exception cref="ModelFolderException">The class is not supported.</exception>
    public static IPipelineFamily Of(ModelFolder folder)
    {
        var index = folder.Json("model_index.json");
        var name = index.Text("_class_name");
        return ByClass.TryGetValue(Plain(name), out var family)
            ? family
            : throw new ModelFolderException(index.Path, $"pipeline class '{name}' is not supported; supported are: {string.Join(", ", ByClass.Keys.Order())}.");
    }

    // optimum saves its own classes' names, and image-to-image classes differ from the others in nothing that a folder holds.
    private static string Plain(string name) => name.Replace("Img2ImgPipeline", "Pipeline", StringComparison.Ordinal) is var plain
        && plain.StartsWith("ORT", StringComparison.Ordinal) ? plain[3..] : plain.StartsWith("Onnx", StringComparison.Ordinal) ? plain[4..] : plain;
}

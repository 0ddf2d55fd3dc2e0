using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>Loads the parts that every family has in the same form.</summary>
internal static class NetworkLoader
{
    /// <summary>Opens a denoiser and checks that the family provides every input its graph has.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="host">What opens sessions.</param>
    /// <param name="component"><c>unet</c> or <c>transformer</c>.</param>
    /// <param name="options">What the graph does not say.</param>
    /// <param name="required">Conditioning inputs the graph must have.</param>
    /// <param name="optional">Conditioning inputs it may have.</param>
    /// <exception cref="ModelFolderException">The file is missing, or the config contradicts the graph.</exception>
    /// <exception cref="GraphException">The graph cannot be loaded or has other inputs.</exception>
    public static DenoiserEvaluator Denoiser(ModelFolder folder, PipelineHost host, string component, DenoiserOptions options, string[] required, params string[] optional)
    {
        var file = folder.File(component, "model.onnx");
        var graph = host.Sessions.OpenDenoiser(file);
        try
        {
            foreach (var name in required)
                _ = graph.Input(name);
            var known = required.Concat(optional).Concat(["sample", "hidden_states", "timestep"]).ToArray();
            if (graph.Inputs.FirstOrDefault(input => !known.Contains(input.Name)) is { } unknown)
                throw new GraphException(graph.Path, $"its input {unknown} is not one this family provides ({string.Join(", ", known)}).");
            CheckChannels(folder, component, graph);
            return new(graph, options with { Buckets = host.Sessions.Providers.Buckets }, graph.Reopen);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>The one size of a graph whose latent input has fixed sides, otherwise the multiples of <paramref name="multiple"/>.</summary>
    public static SizeRule Sizes(DenoiserEvaluator denoiser, VaeDecoder decoder, int multiple, ImageSize @default, int largest = SizeRule.LargestSide) =>
        denoiser.Graph.Input("sample", "hidden_states").Dimensions is [_, _, > 0 and var height, > 0 and var width]
            ? SizeRule.Fixed(new(width * decoder.Factor, height * decoder.Factor))
            : SizeRule.MultiplesOf(multiple, @default, largest);

    private static void CheckChannels(ModelFolder folder, string component, GraphSession graph)
    {
        var config = folder.Json(component, "config.json");
        var latent = graph.Input("sample", "hidden_states");
        var channels = latent.Dimensions.Length == 4 ? latent.Dimensions[1] : latent.Dimensions[^1];
        if (channels > 0 && channels != config.Count("in_channels"))
            throw new ModelFolderException(config.Path, $"in_channels is {config.Count("in_channels")}, but the graph has {latent}.");
    }
}

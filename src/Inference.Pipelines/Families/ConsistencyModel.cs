using Inference.Onnx;

namespace Inference.Pipelines;

/// <summary>
/// The Picard consistency model that comes with a network (So et al. 2025, arXiv:2503.19731): <c>"picard_consistency": "FOLDER"</c> in model_index.json names the
/// component folder with its graph, which takes what the network takes.
/// </summary>
internal static class ConsistencyModel
{
    private const string Key = "picard_consistency";

    /// <summary>Loads it; null where model_index.json does not name one.</summary>
    /// <exception cref="ModelFolderException">The folder or its graph is missing.</exception>
    /// <exception cref="GraphException">The graph cannot be loaded or has other inputs.</exception>
    public static DenoiserEvaluator? LoadOptional(ModelFolder folder, PipelineHost host, DenoiserEvaluator network, LoadingParts loading)
    {
        var index = folder.Json("model_index.json");
        if (!index.Has(Key))
            return null;
        var file = folder.File(index.Text(Key), "model.onnx");
        var graph = host.Sessions.OpenDenoiser(file);
        try
        {
            var (own, expected) = (Describe(graph), Describe(network.Graph));
            return own == expected
                ? loading.Add(new DenoiserEvaluator(graph, network.Options, () => host.Sessions.OpenDenoiser(file)))
                : throw new GraphException(graph.Path, $"its inputs ({own}) are not those of the network it belongs to ({expected}).");
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    private static string Describe(GraphSession graph) => string.Join(", ", graph.Inputs.Select(input => input.ToString()).Order(StringComparer.Ordinal));
}

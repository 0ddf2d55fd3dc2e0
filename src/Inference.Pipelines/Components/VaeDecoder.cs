using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The autoencoder's decoder: latents [C, h, w], divided by the scaling factor, to pixels [3, h·f, w·f] in [-1, 1].</summary>
public sealed class VaeDecoder : IDisposable
{
    private const int MaxBlocks = 8;
    private readonly GraphSession _graph;
    private readonly BoundRunCache<LatentShape> _runs = new(capacity: 4);
    private readonly EvaluationThread _thread;
    private readonly string _input;
    private readonly string _output;
    private readonly double _scale;
    private readonly double _shift;

    private VaeDecoder(GraphSession graph, EvaluationThread thread, int factor, double scale, double shift)
    {
        (_graph, _thread, Factor, _scale, _shift) = (graph, thread, factor, scale, shift);
        _input = graph.Input("latent_sample").Name;
        _output = graph.Output("sample").Name;
    }

    /// <summary>Pixels a latent value stands for, in each direction.</summary>
    public int Factor { get; }

    /// <exception cref="ModelFolderException">A file is missing or not what was expected.</exception>
    internal static VaeDecoder Load(ModelFolder folder, PipelineHost host)
    {
        var config = folder.Json("vae_decoder", "config.json");
        if (!config.Has("spatial_factor") && config.Length("block_out_channels") is < 1 or > MaxBlocks)
            throw new ModelFolderException(config.Path, $"expected \"block_out_channels\" to have 1 to {MaxBlocks} entries.");
        // Every block but the last halves the picture; configs that say the factor outright are believed.
        var factor = config.Has("spatial_factor") ? config.Count("spatial_factor") : 1 << (config.Length("block_out_channels") - 1);
        return new(host.Sessions.Open(folder.File("vae_decoder", "model.onnx")), host.Components, factor, config.Number("scaling_factor"), config.Number("shift_factor", 0));
    }

    /// <summary>Decodes one latent, which must stay unchanged meanwhile.</summary>
    /// <returns>Pixels [3, height, width], row-major, nominally in [-1, 1].</returns>
    /// <exception cref="OperationCanceledException">Cancelled before it started.</exception>
    public Task<float[]> DecodeAsync(Latent latent, CancellationToken cancellationToken) => _thread.RunAsync(() => Run(latent), cancellationToken);

    public void Dispose()
    {
        _runs.Dispose();
        _graph.Dispose();
    }

    private float[] Run(Latent latent)
    {
        var run = _runs.Find(latent.Shape) ?? _runs.Add(latent.Shape, Bind(latent.Shape));
        var input = run.Floats(_input);
        var values = latent.Values;
        for (var i = 0; i < values.Length; i++)
            input[i] = (float)(values[i] / _scale + _shift);
        run.Run();
        return run.Floats(_output).ToArray();
    }

    private BoundRun Bind(LatentShape shape) => _graph.Bind(
        new Dictionary<string, long[]> { [_input] = [1, shape.Channels, shape.Height, shape.Width] },
        new Dictionary<string, long[]> { [_output] = [1, 3, shape.Height * Factor, shape.Width * Factor] });
}

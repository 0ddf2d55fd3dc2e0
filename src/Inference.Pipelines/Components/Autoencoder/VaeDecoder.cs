using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The autoencoder's decoder: latents [C, h, w] to pixels [3, h·f, w·f] in [-1, 1].</summary>
internal sealed class VaeDecoder : IDisposable
{
    private readonly VaeGraph _graph;
    private readonly DecodeQueue _queue;

    private VaeDecoder(VaeGraph graph, LatentScaling scaling, PipelineHost host)
    {
        (_graph, Scaling) = (graph, scaling);
        _queue = new(host, Decode, (shape, count) => Room?.Invoke(shape, count) ?? true);
    }

    public LatentScaling Scaling { get; }

    /// <summary>Pixels a latent value stands for, in each direction.</summary>
    public int Factor => Scaling.Factor;

    /// <summary>Whether its graph takes latents of one size only.</summary>
    public bool IsFixedSize => _graph.HasFixedSides;

    /// <summary>Measured memory of a decode, by positions of the latent, or of the tile where it is decoded by tiles.</summary>
    public MemoryCurve Memory => _graph.Memory;

    /// <summary>Bytes that its arena keeps.</summary>
    public long Held => _graph.Held;

    /// <summary>Whether there is memory to decode so many latents of a shape as one batch; null is always.</summary>
    public Func<LatentShape, int, bool>? Room { get; set; }

    /// <summary>Pictures that were decoded again in float32.</summary>
    public int Retries => _graph.Retries;

    /// <exception cref="ModelFolderException">A file is missing or not what was expected.</exception>
    /// <exception cref="GraphException">The graph cannot be loaded.</exception>
    public static VaeDecoder Load(ModelFolder folder, PipelineHost host)
    {
        var config = folder.Json("vae_decoder", "config.json");
        var scaling = LatentScaling.Read(config);
        var graph = VaeGraph.Open(folder.File("vae_decoder", "model.onnx"), host.Sessions, "latent_sample", "sample");
        return graph.InputChannels is { } channels && channels != scaling.Channels
            ? throw new ModelFolderException(config.Path, $"latent_channels is {scaling.Channels}, but the graph takes {channels} channels.")
            : new(graph, scaling, host);
    }

    /// <summary>Decodes one latent of the network, which must stay unchanged meanwhile.</summary>
    /// <returns>Pixels [3, height, width], row-major, nominally in [-1, 1].</returns>
    /// <exception cref="OperationCanceledException">Cancelled before it started.</exception>
    /// <exception cref="GenerationFailedException">The values are not finite, in float32 either.</exception>
    public Task<float[]> DecodeAsync(Latent latent, CancellationToken cancellationToken) => DecodeAsync(latent.Values, latent.Shape, cancellationToken);

    /// <inheritdoc cref="DecodeAsync(Latent, CancellationToken)"/>
    public Task<float[]> DecodeAsync(ReadOnlySpan<float> latent, LatentShape shape, CancellationToken cancellationToken)
    {
        var values = new float[shape.Length];
        Scaling.ToAutoencoder(latent, values);
        return _queue.DecodeAsync(new(values, shape), cancellationToken);
    }

    public void Dispose() => _graph.Dispose();

    private float[][] Decode(IReadOnlyList<VaeInput> batch)
    {
        if (TiledDecode.IsNeeded(batch[0].Shape))
            return [.. batch.Select(input => TiledDecode.Decode(input, Factor, tiles => Run(tiles)))];
        return Run(batch);
    }

    private float[][] Run(IReadOnlyList<VaeInput> batch)
    {
        var (_, height, width) = batch[0].Shape;
        return _graph.Run(batch, new(3, height * Factor, width * Factor));
    }
}

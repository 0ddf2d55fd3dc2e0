using Inference.Batching;
using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The autoencoder's encoder: pixels [3, H, W] in [-1, 1] to the posterior over latents (Kingma &amp; Welling 2013, arXiv:1312.6114).</summary>
internal sealed class VaeEncoder : IDisposable
{
    private readonly VaeGraph _graph;
    private readonly LatentScaling _scaling;
    private readonly PipelineHost _host;

    private VaeEncoder(VaeGraph graph, LatentScaling scaling, PipelineHost host) => (_graph, _scaling, _host) = (graph, scaling, host);

    /// <summary>Measured memory of encoding, by pixels.</summary>
    public MemoryCurve Memory => _graph.Memory;

    /// <summary>Bytes that its arena keeps.</summary>
    public long Held => _graph.Held;

    /// <summary>Loads the encoder; null where the model has none.</summary>
    /// <exception cref="ModelFolderException">A file is missing or not what was expected.</exception>
    /// <exception cref="GraphException">The graph cannot be loaded.</exception>
    public static VaeEncoder? LoadOptional(ModelFolder folder, PipelineHost host, LoadingParts loading)
    {
        if (!folder.Has("vae_encoder"))
            return null;
        var scaling = LatentScaling.Read(folder.Json("vae_encoder", "config.json"));
        return loading.Add(new VaeEncoder(VaeGraph.Open(folder.File("vae_encoder", "model.onnx"), host.Sessions, "sample", "latent_parameters"), scaling, host));
    }

    /// <summary>Encodes a picture whose sides are multiples of the autoencoder's factor.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it started.</exception>
    /// <exception cref="GenerationFailedException">The values are not finite.</exception>
    public Task<LatentPosterior> EncodeAsync(RgbImage image, CancellationToken cancellationToken)
    {
        var planes = PixelConversion.ToPlanes(image);
        var shape = new LatentShape(_scaling.Channels, image.Height / _scaling.Factor, image.Width / _scaling.Factor);
        return _host.Autoencoders.RunAsync(() =>
        {
            var moments = _graph.Run([new(planes, new(3, image.Height, image.Width))], shape with { Channels = 2 * shape.Channels });
            return new LatentPosterior(shape, moments[0], _scaling);
        }, cancellationToken);
    }

    public void Dispose() => _graph.Dispose();
}

/// <summary>A diagonal Gaussian over the latents of one picture, in the network's scaling.</summary>
/// <param name="shape">Shape of the latents.</param>
/// <param name="moments">Means, then logarithms of variances.</param>
/// <param name="scaling">From the autoencoder's values to the network's.</param>
internal sealed class LatentPosterior(LatentShape shape, float[] moments, LatentScaling scaling)
{
    // diffusers, DiagonalGaussianDistribution.
    private const float LeastLogVariance = -30;
    private const float MostLogVariance = 20;

    public LatentShape Shape => shape;

    /// <summary>Stores the mean.</summary>
    public void Mean(Latent latent) => scaling.ToNetwork(moments.AsSpan(0, shape.Length), latent.Values);

    /// <summary>Replaces standard normal noise by a sample.</summary>
    public void Sample(Latent noise)
    {
        var values = noise.Values;
        for (var i = 0; i < values.Length; i++)
            values[i] = moments[i] + MathF.Exp(0.5f * Math.Clamp(moments[shape.Length + i], LeastLogVariance, MostLogVariance)) * values[i];
        scaling.ToNetwork(values, values);
    }
}

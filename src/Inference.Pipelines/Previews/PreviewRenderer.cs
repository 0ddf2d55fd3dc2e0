using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>Renders latents of one model that are not finished.</summary>
internal sealed class PreviewRenderer
{
    private readonly VaeDecoder _decoder;
    private readonly Lazy<Task<LatentProjection>> _projection;

    /// <param name="decoder">The model's autoencoder.</param>
    /// <param name="usual">Shape of its usual latents.</param>
    public PreviewRenderer(VaeDecoder decoder, LatentShape usual)
    {
        _decoder = decoder;
        _projection = new(() => ProjectionFit.RunAsync(decoder, usual));
    }

    /// <summary>Fits the projection unless that was done; the first preview would otherwise.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) => _projection.Value.WaitAsync(cancellationToken);

    /// <summary>Renders a latent in the network's scaling at a size in pixels.</summary>
    /// <exception cref="GenerationFailedException">A value is not finite.</exception>
    public async Task<RgbImage> RenderAsync(PreviewKind kind, float[] latent, LatentShape shape, ImageSize size, CancellationToken cancellationToken)
    {
        if (kind == PreviewKind.Vae)
            return PixelConversion.Quantize(await _decoder.DecodeAsync(latent, shape, cancellationToken), size);
        var projection = await _projection.Value.WaitAsync(cancellationToken);
        var small = PixelConversion.Quantize(projection.Apply(latent, shape), new(shape.Width, shape.Height));
        return ImageResize.To(small, size.Width, size.Height);
    }
}

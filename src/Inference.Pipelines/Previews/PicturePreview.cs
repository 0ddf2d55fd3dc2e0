using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What a picture will be, as predicted after one of its steps. It holds a copy, so it is rendered while denoising goes on.</summary>
public sealed class PicturePreview
{
    private readonly PreviewRenderer _renderer;
    private readonly ImageSize _size;
    private readonly LatentShape _shape;
    private readonly float[] _clean;

    internal PicturePreview(PreviewRenderer renderer, ImageSize size, Latent clean) =>
        (_renderer, _size, _shape, _clean) = (renderer, size, clean.Shape, clean.Values.ToArray());

    /// <summary>Makes a picture of the final size.</summary>
    /// <exception cref="GenerationFailedException">The prediction is not finite, as the picture itself will not be.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<RgbImage> RenderAsync(PreviewKind kind, CancellationToken cancellationToken) => _renderer.RenderAsync(kind, _clean, _shape, _size, cancellationToken);
}

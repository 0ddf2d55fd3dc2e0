namespace Inference.Pipelines;

/// <summary>The image codecs there are.</summary>
public static class ImageCodecs
{
    /// <summary>libvips: PNG, JPEG, WebP.</summary>
    public static IImageCodec Vips { get; } = new VipsImageCodec();
}

namespace Inference.Pipelines;

/// <summary>File formats that images are read from and written to.</summary>
public enum ImageFormat
{
    /// <summary>ISO/IEC 15948; lossless.</summary>
    Png,

    /// <summary>ISO/IEC 10918 (JFIF).</summary>
    Jpeg,

    /// <summary>RFC 9649.</summary>
    WebP,
}

/// <summary>A format with the one setting it has.</summary>
public sealed record ImageEncoding
{
    private ImageEncoding(ImageFormat format, int level) => (Format, Level) = (format, level);

    public ImageFormat Format { get; }

    /// <summary>Compression level for PNG, quality for JPEG and WebP.</summary>
    public int Level { get; }

    /// <summary>Internet media type: <c>image/png</c>, <c>image/jpeg</c>, <c>image/webp</c>.</summary>
    public string MediaType => Format switch
    {
        ImageFormat.Png => "image/png",
        ImageFormat.Jpeg => "image/jpeg",
        _ => "image/webp",
    };

    /// <param name="compression">zlib level, 0 (none) to 9 (smallest); 3 takes half the time of the usual 6.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is outside 0 to 9.</exception>
    public static ImageEncoding Png(int compression = 3) => new(ImageFormat.Png, Within(compression, 0, 9, nameof(compression)));

    /// <param name="quality">1 (smallest) to 100 (best).</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is outside 1 to 100.</exception>
    public static ImageEncoding Jpeg(int quality = 90) => new(ImageFormat.Jpeg, Within(quality, 1, 100, nameof(quality)));

    /// <param name="quality">1 (smallest) to 99 (best lossy), or 100 for lossless.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is outside 1 to 100.</exception>
    public static ImageEncoding WebP(int quality = 90) => new(ImageFormat.WebP, Within(quality, 1, 100, nameof(quality)));

    private static int Within(int value, int least, int most, string name) => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
}

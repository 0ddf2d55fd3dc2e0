namespace Inference.Pipelines;

/// <summary>Writes and reads image files, with the text of a request's parameters inside. Implementations are thread-safe.</summary>
public interface IImageCodec
{
    /// <summary>Encodes an image.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="encoding">Format and quality.</param>
    /// <param name="parameters">
    /// Text to put inside, or null: PNG has it as an iTXt chunk <c>parameters</c>, JPEG and WebP as the EXIF UserComment.
    /// </param>
    /// <param name="request">JSON of the request that made it, or null: PNG has it as an iTXt chunk <c>inference</c>, the other formats have no room for it.</param>
    /// <exception cref="ImageCodecException">The image or the text is too large for the format.</exception>
    byte[] Encode(RgbImage image, ImageEncoding encoding, string? parameters = null, string? request = null);

    /// <summary>Decodes a PNG, JPEG or WebP file: upright by its orientation tag, sRGB, transparency over white.</summary>
    /// <param name="file">The whole file. Nothing in it is trusted.</param>
    /// <param name="limits">Largest sizes, checked before pixels are decoded.</param>
    /// <exception cref="ImageCodecException">Not such a file, damaged, or beyond the limits.</exception>
    DecodedImage Decode(ReadOnlySpan<byte> file, ImageLimits limits);

    /// <summary>The text that <see cref="Encode"/> put inside, or null where there is none that can be read.</summary>
    string? ReadParameters(ReadOnlySpan<byte> file);
}

/// <summary>A decoded file.</summary>
/// <param name="Image">Its pixels.</param>
/// <param name="Format">What kind of file it was.</param>
/// <param name="Parameters">The text inside, or null.</param>
public sealed record DecodedImage(RgbImage Image, ImageFormat Format, string? Parameters);

/// <summary>Largest files that are decoded.</summary>
public sealed record ImageLimits
{
    /// <summary>Largest file, in bytes.</summary>
    public long MaxBytes { get; init; } = 32L << 20;

    /// <summary>Largest width and height, in pixels.</summary>
    public int MaxSide { get; init; } = 8192;

    /// <summary>Largest width times height, in pixels.</summary>
    public long MaxPixels { get; init; } = 4096L * 4096;
}

/// <summary>An image cannot be read or written.</summary>
/// <param name="message">Why, in words for the user who sent it.</param>
public sealed class ImageCodecException(string message, Exception? inner = null) : Exception(message, inner);

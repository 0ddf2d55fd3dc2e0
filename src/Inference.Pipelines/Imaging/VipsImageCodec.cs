namespace Inference.Pipelines;

/// <summary>Image files by libvips (Martinez and Cupitt 2005, "VIPS - a highly tuned image processing software architecture").</summary>
internal sealed class VipsImageCodec : IImageCodec
{
    // The length of a JPEG segment is 16 bits, and libexif keeps no larger block for WebP either; libvips adds a few tags.
    private const int LargestExifBlock = 65_000;

    // Longest text that is put into a file or looked for: 1 Mi characters.
    private const int LongestText = 1 << 20;

    /// <exception cref="DllNotFoundException">The native library is not next to the application; the message names it.</exception>
    public VipsImageCodec() => VipsLibrary.EnsureStarted();

    public byte[] Encode(RgbImage image, ImageEncoding encoding, string? parameters = null, string? request = null)
    {
        if (parameters?.Length > LongestText)
            throw new ImageCodecException($"The parameters have {parameters.Length} characters; at most {LongestText} fit an image file.");

        using var source = VipsNative.NewFromMemoryCopy(
            image.Pixels, (nuint)image.Pixels.Length, image.Width, image.Height, 3, VipsBandFormat.UChar);
        if (source.IsInvalid)
            throw VipsLibrary.Error($"An image of {image.Width} x {image.Height} pixels cannot be held.");

        var hasBlock = parameters is not null && encoding.Format != ImageFormat.Png;
        if (hasBlock)
            SetBlock(source, ExifText.Block(parameters!));

        var error = VipsNative.WriteToBuffer(source, Suffix(encoding, hasBlock), out var data, out var size, 0);
        using (data)
        {
            if (error != 0)
                throw VipsLibrary.Error($"An image of {image.Width} x {image.Height} pixels cannot be written as {encoding.MediaType}.");
            var file = data.ToArray(size);
            if (encoding.Format != ImageFormat.Png)
                return file;
            // Each goes to the front, so the one that other programs know comes last.
            if (request is not null)
                file = PngText.Insert(file, PngText.Request, request);
            return parameters is null ? file : PngText.Insert(file, PngText.Parameters, parameters);
        }
    }

    public DecodedImage Decode(ReadOnlySpan<byte> file, ImageLimits limits)
    {
        var (image, format) = VipsDecoder.Decode(file, limits);
        return new DecodedImage(image, format, ReadParameters(file));
    }

    public string? ReadParameters(ReadOnlySpan<byte> file)
    {
        var text = PngText.Find(file) ?? ExifText.Read(ExifContainer.Find(file));
        return text?.Length <= LongestText ? text : null;
    }

    private static void SetBlock(VipsImageHandle image, byte[] block)
    {
        if (block.Length > LargestExifBlock)
            throw new ImageCodecException($"The parameters take {block.Length} bytes; at most {LargestExifBlock} fit a JPEG or WebP file. PNG holds more.");
        VipsNative.SetBlobCopy(image, "exif-data", block, (nuint)block.Length);
    }

    private static string Suffix(ImageEncoding encoding, bool hasBlock)
    {
        var keep = hasBlock ? "keep=exif" : "keep=none";
        return encoding.Format switch
        {
            ImageFormat.Png => $".png[compression={encoding.Level},{keep}]",
            ImageFormat.Jpeg => $".jpg[Q={encoding.Level},{keep}]",
            _ when encoding.Level == 100 => $".webp[lossless=true,{keep}]",
            _ => $".webp[Q={encoding.Level},{keep}]",
        };
    }
}

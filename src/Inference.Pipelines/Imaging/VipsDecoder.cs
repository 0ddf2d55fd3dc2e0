using System.Runtime.InteropServices;

namespace Inference.Pipelines;

/// <summary>
/// Decodes an untrusted file. Cheap checks come first: its size, its kind, the sizes in its header, and only then the pixels.
/// </summary>
internal static unsafe class VipsDecoder
{
    /// <exception cref="ImageCodecException">Not a PNG, JPEG or WebP file, damaged, or beyond the limits.</exception>
    public static (RgbImage Image, ImageFormat Format) Decode(ReadOnlySpan<byte> file, ImageLimits limits)
    {
        if (file.IsEmpty)
            throw new ImageCodecException("The image file is empty.");
        if (file.Length > limits.MaxBytes)
            throw new ImageCodecException($"The image file has {file.Length} bytes; at most {limits.MaxBytes} are allowed.");

        // libvips reads from the file's own bytes until the pixels are in memory.
        fixed (byte* data = file)
        {
            var format = Format(Marshal.PtrToStringUTF8(VipsNative.FindLoader(data, (nuint)file.Length)));
            using var opened = VipsNative.NewFromBuffer(data, (nuint)file.Length, "[access=sequential,fail_on=error]", 0);
            if (opened.IsInvalid)
                throw VipsLibrary.Error($"The {Name(format)} file is damaged.");
            CheckLimits(VipsNative.GetWidth(opened), VipsNative.GetHeight(opened), limits);

            using var pixels = VipsNative.CopyToMemory(opened);
            if (pixels.IsInvalid)
                throw VipsLibrary.Error($"The {Name(format)} file is damaged.");
            return (ToRgb(pixels, format), format);
        }
    }

    private static ImageFormat Format(string? loader)
    {
        if (loader?.StartsWith("VipsForeignLoadPng", StringComparison.Ordinal) == true)
            return ImageFormat.Png;
        if (loader?.StartsWith("VipsForeignLoadJpeg", StringComparison.Ordinal) == true)
            return ImageFormat.Jpeg;
        if (loader?.StartsWith("VipsForeignLoadWebp", StringComparison.Ordinal) == true)
            return ImageFormat.WebP;
        throw VipsLibrary.Error("The file is not a PNG, JPEG or WebP image.");
    }

    private static void CheckLimits(int width, int height, ImageLimits limits)
    {
        if (width > limits.MaxSide || height > limits.MaxSide)
            throw new ImageCodecException($"The image has {width} x {height} pixels; at most {limits.MaxSide} a side are allowed.");
        if ((long)width * height > limits.MaxPixels)
            throw new ImageCodecException($"The image has {width} x {height} pixels; at most {limits.MaxPixels} in all are allowed.");
    }

    private static RgbImage ToRgb(VipsImageHandle image, ImageFormat format)
    {
        using var upright = VipsNative.AutoRotate(image, out var rotated, 0) == 0 ? rotated : throw Unusable(format);
        using var colour = VipsNative.Convert(upright, out var converted, VipsInterpretation.Srgb, 0) == 0 ? converted : throw Unusable(format);

        var bands = VipsNative.GetBands(colour);
        if (VipsNative.GetFormat(colour) != VipsBandFormat.UChar || bands is not (3 or 4))
            throw Unusable(format);
        using var memory = VipsNative.WriteToMemory(colour, out var size);
        if (memory.IsInvalid)
            throw Unusable(format);
        var values = memory.ToArray(size);
        return new RgbImage(VipsNative.GetWidth(colour), VipsNative.GetHeight(colour), bands == 3 ? values : OverWhite(values));
    }

    // Straight alpha, rounded to the nearest value.
    private static byte[] OverWhite(byte[] rgba)
    {
        var rgb = new byte[rgba.Length / 4 * 3];
        for (var (from, to) = (0, 0); from < rgba.Length; (from, to) = (from + 4, to + 3))
        {
            var alpha = rgba[from + 3];
            for (var c = 0; c < 3; c++)
                rgb[to + c] = (byte)(((rgba[from + c] * alpha) + (255 * (255 - alpha)) + 127) / 255);
        }
        return rgb;
    }

    private static string Name(ImageFormat format) => format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    private static ImageCodecException Unusable(ImageFormat format) =>
        VipsLibrary.Error($"The colours of the {Name(format)} file cannot be converted to sRGB.");
}

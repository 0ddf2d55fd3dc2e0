namespace Inference.Pipelines;

/// <summary>Decoded pixels to 8 bits, refusing what is no picture.</summary>
internal static class PixelConversion
{
    /// <summary>Planes [3, height, width] in [-1, 1] to interleaved RGB: round((x + 1)·127.5), clamped.</summary>
    /// <exception cref="GenerationFailedException">A value is not finite, or all pixels are the same.</exception>
    public static RgbImage ToRgb(ReadOnlySpan<float> planes, ImageSize size)
    {
        var image = Quantize(planes, size);
        return IsConstant(image.Pixels)
            ? throw new GenerationFailedException("The result is a picture of a single colour, which no prompt asks for; no picture was made.")
            : image;
    }

    /// <summary>The same for a picture that is not finished and may well be of one colour.</summary>
    /// <exception cref="GenerationFailedException">A value is not finite.</exception>
    public static RgbImage Quantize(ReadOnlySpan<float> planes, ImageSize size)
    {
        var plane = size.Width * size.Height;
        var bytes = new byte[3 * plane];
        for (var channel = 0; channel < 3; channel++)
            for (var i = 0; i < plane; i++)
            {
                var value = planes[channel * plane + i];
                if (!float.IsFinite(value))
                    throw new GenerationFailedException("The autoencoder returned values that are not finite; no picture was made.");
                bytes[3 * i + channel] = (byte)Math.Clamp(MathF.Round((value + 1) * 127.5f), 0, 255);
            }
        return new(size.Width, size.Height, bytes);
    }

    /// <summary>Interleaved RGB to planes [3, height, width] in [-1, 1]: 2·x/255 - 1.</summary>
    public static float[] ToPlanes(RgbImage image)
    {
        var plane = image.Width * image.Height;
        var planes = new float[3 * plane];
        for (var channel = 0; channel < 3; channel++)
            for (var i = 0; i < plane; i++)
                planes[channel * plane + i] = 2 * (image.Pixels[3 * i + channel] / 255f) - 1;
        return planes;
    }

    private static bool IsConstant(ReadOnlySpan<byte> rgb)
    {
        for (var i = 3; i < rgb.Length; i++)
            if (rgb[i] != rgb[i - 3])
                return false;
        return true;
    }
}

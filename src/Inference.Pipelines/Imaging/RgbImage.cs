namespace Inference.Pipelines;

/// <summary>A picture of 8-bit sRGB pixels.</summary>
public sealed class RgbImage
{
    /// <param name="width">Pixels a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">Red, green, blue of each pixel, row by row from the top: width * height * 3 bytes. Not copied.</param>
    /// <exception cref="ArgumentException">A size is below 1 or the pixels do not fit it.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != (long)width * height * 3)
            throw new ArgumentException($"Expected {(long)width * height * 3} bytes for {width} x {height} RGB pixels, found {pixels.LongLength}.", nameof(pixels));
        (Width, Height, Pixels) = (width, height, pixels);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Red, green, blue of each pixel, row by row from the top.</summary>
    public byte[] Pixels { get; }
}

namespace Inference.Pipelines;

/// <summary>Pictures side by side on white.</summary>
public static class ImageGrid
{
    /// <param name="images">At least one, all of one size; row by row.</param>
    /// <param name="columns">Pictures a row, at least 1.</param>
    /// <param name="margin">White pixels around each picture.</param>
    public static RgbImage Tile(IReadOnlyList<RgbImage> images, int columns, int margin = 8)
    {
        var (cellWidth, cellHeight) = (images[0].Width + margin, images[0].Height + margin);
        var (width, height) = (columns * cellWidth + margin, (images.Count + columns - 1) / columns * cellHeight + margin);
        var pixels = new byte[3 * width * height];
        Array.Fill(pixels, (byte)255);
        for (var i = 0; i < images.Count; i++)
        {
            var (top, left) = (i / columns * cellHeight + margin, i % columns * cellWidth + margin);
            for (var y = 0; y < images[i].Height; y++)
                images[i].Pixels.AsSpan(3 * y * images[i].Width, 3 * images[i].Width).CopyTo(pixels.AsSpan(3 * ((top + y) * width + left)));
        }
        return new(width, height, pixels);
    }
}

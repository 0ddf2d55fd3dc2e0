namespace Inference.Pipelines;

/// <summary>Resizes pictures with a Lanczos filter of three lobes, widened when shrinking so that nothing aliases (as PIL's LANCZOS).</summary>
internal static class ImageResize
{
    private const double Lobes = 3;

    /// <summary>The picture at another size; the same object where the size is the same.</summary>
    public static RgbImage To(RgbImage image, int width, int height)
    {
        if (image.Width == width && image.Height == height)
            return image;
        var narrow = Rows(image.Pixels, image.Width, image.Height, width);
        var turned = Rows(Turn(narrow, width, image.Height), image.Height, width, height);
        return new(width, height, Turn(turned, height, width));
    }

    // Every row of RGB pixels to another width.
    private static byte[] Rows(byte[] source, int width, int rows, int target)
    {
        var result = new byte[3 * rows * target];
        var scale = (double)width / target;
        var reach = Math.Max(scale, 1) * Lobes;
        for (var x = 0; x < target; x++)
        {
            var center = (x + 0.5) * scale;
            var first = Math.Max(0, (int)(center - reach + 0.5));
            var weights = Enumerable.Range(first, Math.Min(width, (int)(center + reach + 0.5)) - first)
                .Select(i => Lanczos((i + 0.5 - center) / Math.Max(scale, 1))).ToArray();
            var total = weights.Sum();
            for (var row = 0; row < rows; row++)
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0.0;
                    for (var i = 0; i < weights.Length; i++)
                        sum += weights[i] * source[3 * (row * width + first + i) + c];
                    result[3 * (row * target + x) + c] = (byte)Math.Clamp(Math.Round(sum / total), 0, 255);
                }
        }
        return result;
    }

    private static byte[] Turn(byte[] pixels, int width, int height)
    {
        var turned = new byte[pixels.Length];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                pixels.AsSpan(3 * (y * width + x), 3).CopyTo(turned.AsSpan(3 * (x * height + y)));
        return turned;
    }

    private static double Lanczos(double x) => Math.Abs(x) >= Lobes ? 0 : Sinc(x) * Sinc(x / Lobes);

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
}

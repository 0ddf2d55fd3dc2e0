namespace Inference.Pipelines;

/// <summary>
/// Gradient magnitude similarity deviation (GMSD; Xue, Zhang, Mou and Bovik 2014, IEEE Trans. Image Processing 23(2), eq. 1 to 6) of the luma of 8-bit pictures: both
/// are averaged over 2 × 2 pixels and halved, gradients are Prewitt's, c = 170. The borders are padded with zeros and the deviation has n - 1 in the
/// denominator, as in the authors' program.
/// </summary>
public static class GradientSimilarity
{
    /// <summary>Shortest side that can be compared.</summary>
    public const int LeastSide = 4;

    private const double C = 170;

    /// <summary>From 0 for equal pictures; larger is worse.</summary>
    /// <exception cref="ArgumentException">The sizes differ, or a side is shorter than <see cref="LeastSide"/>.</exception>
    public static double Deviation(RgbImage expected, RgbImage actual)
    {
        if ((expected.Width, expected.Height) != (actual.Width, actual.Height))
            throw new ArgumentException("Pictures of different sizes cannot be compared.");
        if (Math.Min(expected.Width, expected.Height) < LeastSide)
            throw new ArgumentException($"A side must have at least {LeastSide} pixels.");
        var (r, d) = (new Plane(expected), new Plane(actual));
        var (sum, squares, n) = (0.0, 0.0, r.Width * r.Height);
        for (var y = 0; y < r.Height; y++)
            for (var x = 0; x < r.Width; x++)
            {
                var (mr, md) = (r.Gradient(x, y), d.Gradient(x, y));
                var gms = (2 * mr * md + C) / (mr * mr + md * md + C);
                sum += gms;
                squares += (gms - 1) * (gms - 1);
            }
        // About 1, where similarities lie, so that nothing cancels.
        var mean = sum / n - 1;
        return Math.Sqrt(Math.Max(0, squares - n * mean * mean) / (n - 1));
    }

    // The halved luma; 0 outside.
    private sealed class Plane
    {
        private readonly double[] _values;

        public Plane(RgbImage image)
        {
            var luma = LumaPlane.Of(image);
            (Width, Height) = ((image.Width + 1) / 2, (image.Height + 1) / 2);
            _values = new double[Width * Height];
            for (var y = 0; y < image.Height; y++)
                for (var x = 0; x < image.Width; x++)
                    _values[y / 2 * Width + x / 2] += luma[y * image.Width + x] / 4;
        }

        public int Width { get; }

        public int Height { get; }

        public double Gradient(int x, int y)
        {
            var (horizontal, vertical) = (0.0, 0.0);
            for (var i = -1; i <= 1; i++)
            {
                horizontal += At(x + 1, y + i) - At(x - 1, y + i);
                vertical += At(x + i, y + 1) - At(x + i, y - 1);
            }
            return Math.Sqrt(horizontal * horizontal + vertical * vertical) / 3;
        }

        private double At(int x, int y) => x >= 0 && y >= 0 && x < Width && y < Height ? _values[y * Width + x] : 0;
    }
}

namespace Inference.Pipelines;

/// <summary>
/// Structural similarity (Wang et al. 2004, IEEE Trans. Image Processing 13(4), eq. 13) of the luma of 8-bit pictures: means, variances and covariance
/// under an 11 × 11 Gaussian window of σ = 1.5, K1 = 0.01, K2 = 0.03, the mean over the windows that lie in the picture.
/// </summary>
public static class StructuralSimilarity
{
    /// <summary>Shortest side that can be compared: the window's.</summary>
    public const int LeastSide = 2 * Radius + 1;

    private const int Radius = 5;
    private const double Sigma = 1.5;
    private const double C1 = 0.01 * 255 * 0.01 * 255;
    private const double C2 = 0.03 * 255 * 0.03 * 255;

    private static readonly double[] _window = Window();

    /// <summary>From -1 to 1; 1 for equal pictures.</summary>
    /// <exception cref="ArgumentException">The sizes differ, or a side is shorter than the window.</exception>
    public static double Of(RgbImage expected, RgbImage actual)
    {
        if ((expected.Width, expected.Height) != (actual.Width, actual.Height))
            throw new ArgumentException("Pictures of different sizes cannot be compared.");
        var (width, height) = (expected.Width - 2 * Radius, expected.Height - 2 * Radius);
        if (width < 1 || height < 1)
            throw new ArgumentException($"A side must have at least {LeastSide} pixels.");
        var (x, y) = (LumaPlane.Of(expected), LumaPlane.Of(actual));
        var sum = 0.0;
        for (var top = 0; top < height; top++)
            for (var left = 0; left < width; left++)
                sum += At(x, y, expected.Width, left, top);
        return sum / ((double)width * height);
    }

    private static double At(double[] x, double[] y, int stride, int left, int top)
    {
        var (mx, my, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i <= 2 * Radius; i++)
            for (var k = 0; k <= 2 * Radius; k++)
            {
                var (weight, at) = (_window[i] * _window[k], (top + i) * stride + left + k);
                var (a, b) = (x[at], y[at]);
                mx += weight * a;
                my += weight * b;
                xx += weight * a * a;
                yy += weight * b * b;
                xy += weight * a * b;
            }
        return (2 * mx * my + C1) * (2 * (xy - mx * my) + C2) / ((mx * mx + my * my + C1) * (xx - mx * mx + yy - my * my + C2));
    }

    private static double[] Window()
    {
        var weights = Enumerable.Range(-Radius, 2 * Radius + 1).Select(i => Math.Exp(-i * i / (2 * Sigma * Sigma))).ToArray();
        return [.. weights.Select(weight => weight / weights.Sum())];
    }
}

namespace Inference.Pipelines;

/// <summary>How like two pictures are.</summary>
public static class ImageQuality
{
    /// <summary>Peak signal-to-noise ratio of 8-bit pictures, 10·log10(255² / mean squared error), in dB; +∞ for equal ones.</summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double Psnr(RgbImage expected, RgbImage actual)
    {
        if ((expected.Width, expected.Height) != (actual.Width, actual.Height))
            throw new ArgumentException("Pictures of different sizes cannot be compared.");
        var sum = 0L;
        for (var i = 0; i < expected.Pixels.Length; i++)
        {
            var difference = expected.Pixels[i] - actual.Pixels[i];
            sum += difference * difference;
        }
        return 10 * Math.Log10(255.0 * 255 * expected.Pixels.Length / sum);
    }
}

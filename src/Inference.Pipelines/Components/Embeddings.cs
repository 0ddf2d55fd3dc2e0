namespace Inference.Pipelines;

/// <summary>How the outputs of several text encoders are put together.</summary>
internal static class Embeddings
{
    private const double MaxPeriod = 10_000;

    /// <summary>Two [rows, width] side by side in rows of <paramref name="width"/>: the rest is zero, what does not fit is left out
    /// (<c>torch.nn.functional.pad</c> with a negative amount).</summary>
    public static float[] SideBySide(float[] left, int leftWidth, float[] right, int rightWidth, int width)
    {
        var rows = left.Length / leftWidth;
        var joined = new float[rows * width];
        var (fromLeft, fromRight) = (Math.Min(leftWidth, width), Math.Clamp(width - leftWidth, 0, rightWidth));
        for (var row = 0; row < rows; row++)
        {
            left.AsSpan(row * leftWidth, fromLeft).CopyTo(joined.AsSpan(row * width));
            right.AsSpan(row * rightWidth, fromRight).CopyTo(joined.AsSpan(row * width + fromLeft));
        }
        return joined;
    }

    /// <summary>The guidance scale as distilled networks take it: sin and cos of (w - 1)·1000 at falling frequencies (Meng et al. 2022,
    /// arXiv:2210.03142; diffusers, <c>get_guidance_scale_embedding</c>).</summary>
    public static float[] OfGuidance(double scale, int width)
    {
        var half = width / 2;
        var embedding = new float[width];
        var step = MathF.Log((float)MaxPeriod) / (half - 1);
        for (var i = 0; i < half; i++)
        {
            var angle = (float)(scale - 1) * 1000f * MathF.Exp(i * -step);
            embedding[i] = MathF.Sin(angle);
            embedding[half + i] = MathF.Cos(angle);
        }
        return embedding;
    }
}

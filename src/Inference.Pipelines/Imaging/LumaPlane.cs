namespace Inference.Pipelines;

/// <summary>The luma of a picture, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), from 0 to 255.</summary>
internal static class LumaPlane
{
    /// <summary>Row by row from the top: width * height values.</summary>
    public static double[] Of(RgbImage image)
    {
        var luma = new double[image.Width * image.Height];
        for (var i = 0; i < luma.Length; i++)
            luma[i] = 0.299 * image.Pixels[3 * i] + 0.587 * image.Pixels[3 * i + 1] + 0.114 * image.Pixels[3 * i + 2];
        return luma;
    }
}

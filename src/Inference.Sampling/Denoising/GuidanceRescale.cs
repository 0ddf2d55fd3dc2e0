namespace Inference.Sampling;

/// <summary>Guidance rescale (Lin et al. 2023, arXiv:2305.08891, eqs. 15 and 16), on raw outputs as the paper does.</summary>
internal static class GuidanceRescale
{
    /// <summary>The factor φ·std(c)/std(g) + 1 - φ on the guided output g = u + w·(c - u); standard deviations are over all values of one picture.</summary>
    public static double Factor(Latent conditional, Latent unconditional, double scale, double phi)
    {
        if (phi == 0)
            return 1;
        var cs = conditional.Values;
        var us = unconditional.Values;
        var (c1, c2, g1, g2) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < cs.Length; i++)
        {
            var c = (double)cs[i];
            var g = us[i] + scale * (c - us[i]);
            c1 += c;
            c2 += c * c;
            g1 += g;
            g2 += g * g;
        }
        var varianceC = c2 - c1 * c1 / cs.Length;
        var varianceG = g2 - g1 * g1 / cs.Length;
        // A guided output that is constant has no spread to bring back.
        return varianceG > 0 ? phi * Math.Sqrt(Math.Max(0, varianceC) / varianceG) + 1 - phi : 1;
    }
}

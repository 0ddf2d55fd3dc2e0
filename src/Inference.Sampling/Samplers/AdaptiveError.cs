namespace Inference.Sampling;

/// <summary>The scaled difference of two states, by which adaptive methods choose their steps (Jolicoeur-Martineau et al. 2021, arXiv:2105.14080,
/// eq. 7; Lu et al. 2022, arXiv:2206.00927, appendix C).</summary>
internal static class AdaptiveError
{
    /// <summary>The root mean square of (low - high) / max(atol, rtol·max(|low|, |previous|)) over the values of one picture.</summary>
    public static double Of(Latent low, Latent high, Latent previous, double absoluteTolerance, double relativeTolerance)
    {
        var a = low.Values;
        var b = high.Values;
        var c = previous.Values;
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var delta = Math.Max(absoluteTolerance, relativeTolerance * Math.Max(Math.Abs(a[i]), Math.Abs(c[i])));
            var error = ((double)a[i] - b[i]) / delta;
            sum += error * error;
        }
        return Math.Sqrt(sum / a.Length);
    }
}

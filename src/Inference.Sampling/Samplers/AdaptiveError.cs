namespace Inference.Sampling;

/// <summary>The scaled difference of two states, by which adaptive methods choose their steps (Jolicoeur-Martineau et al. 2021, arXiv:2105.14080,
/// eq. 7; Lu et al. 2022, arXiv:2206.00927, appendix C).</summary>
internal static class AdaptiveError
{
    /// <summary>The root mean square of difference / max(atol, rtol·max(|low|, |previous|)) over the values of one picture.</summary>
    /// <param name="difference">High less low order, formed before either is rounded: float32 states hide the errors of short steps.</param>
    /// <param name="low">The state of lower order.</param>
    /// <param name="previous">The state of lower order that was accepted last.</param>
    /// <param name="absoluteTolerance">atol.</param>
    /// <param name="relativeTolerance">rtol.</param>
    public static double Of(Latent difference, Latent low, Latent previous, double absoluteTolerance, double relativeTolerance)
    {
        var d = difference.Values;
        var a = low.Values;
        var b = previous.Values;
        var sum = 0.0;
        for (var i = 0; i < d.Length; i++)
        {
            var error = d[i] / Math.Max(absoluteTolerance, relativeTolerance * Math.Max(Math.Abs(a[i]), Math.Abs(b[i])));
            sum += error * error;
        }
        return Math.Sqrt(sum / d.Length);
    }
}

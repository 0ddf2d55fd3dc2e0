namespace Inference.Experiments;

/// <summary>
/// Intervals for a mean that hold at all sample sizes together, so that one may look as often as one likes and stop when one likes: the normal mixture
/// boundary (Howard, Ramdas, McAuliffe and Sekhon 2021, Annals of Statistics 49(2), arXiv:1810.08240, eq. 14, two-sided) on the intrinsic time n·σ̂²,
/// which makes it the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024 (arXiv:2103.06476, eq. 6).
/// </summary>
public static class ConfidenceSequence
{
    /// <summary>Sample size below which there is no interval: the variance is estimated, and the central limit theorem has not begun to hold.</summary>
    public const int LeastCount = 50;

    /// <summary>Sample size at which the interval is as narrow as it can be. Fixed: one that followed the data would not be valid.</summary>
    public const int TunedFor = 500;

    /// <summary>The boundary u(v) that |S| stays below at all times with probability 1 - α, S a sum of intrinsic time v.</summary>
    /// <param name="v">Intrinsic time: the variance of the sum.</param>
    /// <param name="alpha">Error probability, in (0, 1).</param>
    /// <param name="optimal">Intrinsic time at which the boundary is narrowest.</param>
    /// <param name="optimalAlpha">Error probability that this is meant for.</param>
    public static double Boundary(double v, double alpha, double optimal, double optimalAlpha)
    {
        var rho = Rho(optimal, optimalAlpha);
        return Math.Sqrt((v + rho) * (Math.Log((v + rho) / rho) + 2 * Math.Log(1 / alpha)));
    }

    /// <summary>The precision of the mixture that is best at an intrinsic time (Howard et al., section 3.5, the approximation of eq. 45).</summary>
    public static double Rho(double optimal, double alpha)
    {
        var twice = 2 * Math.Log(1 / alpha);
        return optimal / (twice + Math.Log(1 + twice));
    }

    /// <summary>Half the width of the interval around a mean; null while there is none.</summary>
    /// <param name="moments">The series so far.</param>
    /// <param name="alpha">Error probability over all sample sizes together, in (0, 1).</param>
    public static double? Radius(Moments moments, double alpha) => moments.Count < LeastCount
        ? null
        : Math.Sqrt(moments.Variance) * Boundary(moments.Count, alpha, TunedFor, alpha) / moments.Count;
}

using MathNet.Numerics.Distributions;

namespace Inference.Experiments;

/// <summary>An observation of one of two arms.</summary>
/// <param name="IsTreated">Whether it is of the arm that is compared, and not of the one that it is compared with.</param>
/// <param name="Value">What was measured.</param>
public readonly record struct ArmObservation(bool IsTreated, double Value);

/// <summary>
/// Difference of the means of two arms that get different requests. Each observation becomes one unbiased pseudo-outcome of the difference by inverse
/// probability weighting, the means so far taken off first (augmented, Robins, Rotnitzky and Zhao 1994); its confidence sequence is the one of
/// Waudby-Smith et al. 2024 (arXiv:2103.06476), section 4, with predictable means instead of cross-fitted ones. The ordinary interval is Welch's (1947).
/// </summary>
public static class BetweenArms
{
    /// <summary>Mean of the treated arm minus mean of the other.</summary>
    /// <param name="observations">In the order they came.</param>
    /// <param name="share">Probability with which an observation of the two is of the treated arm, in (0, 1).</param>
    /// <param name="alpha">Error probability of each interval.</param>
    /// <returns>Null while one of the arms has no observation.</returns>
    public static MeanEstimate? Of(IEnumerable<ArmObservation> observations, double share, double alpha)
    {
        var (treated, other, all, outcomes) = (new Moments(), new Moments(), new Moments(), new Moments());
        foreach (var (isTreated, value) in observations)
        {
            if (all.Count > 0)
            {
                // Means of what came before, so that they are independent of this assignment.
                var (m1, m0) = (treated.Count > 0 ? treated.Mean : all.Mean, other.Count > 0 ? other.Mean : all.Mean);
                outcomes.Add(m1 - m0 + (isTreated ? (value - m1) / share : -(value - m0) / (1 - share)));
            }
            all.Add(value);
            if (isTreated)
                treated.Add(value);
            else
                other.Add(value);
        }
        if (treated.Count == 0 || other.Count == 0)
            return null;
        var (low, high) = Welch(treated, other, alpha);
        return MeanEstimate.With(outcomes, alpha, low, high) with { Count = all.Count };
    }

    private static (double? Low, double? High) Welch(Moments treated, Moments other, double alpha)
    {
        if (treated.Count < 2 || other.Count < 2)
            return (null, null);
        var (v1, v0) = (treated.Variance / treated.Count, other.Variance / other.Count);
        var difference = treated.Mean - other.Mean;
        if (v1 + v0 == 0)
            return (difference, difference);
        var degrees = (v1 + v0) * (v1 + v0) / (v1 * v1 / (treated.Count - 1) + v0 * v0 / (other.Count - 1));
        var half = StudentT.InvCDF(0, 1, degrees, 1 - alpha / 2) * Math.Sqrt(v1 + v0);
        return (difference - half, difference + half);
    }
}

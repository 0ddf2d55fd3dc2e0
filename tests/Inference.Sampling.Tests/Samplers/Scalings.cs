using System.Collections.Immutable;

namespace Inference.Sampling.Tests;

/// <summary>The three scalings of the noise process.</summary>
public enum Scaling
{
    VarianceExploding,
    VariancePreserving,
    Flow,
}

/// <summary>Trajectories through given noise-to-signal ratios in any scaling, on a network that is conditioned on the ratio.</summary>
internal static class Scalings
{
    public static NoiseLevel Level(this Scaling scaling, double kappa)
    {
        var alpha = scaling switch
        {
            Scaling.VarianceExploding => 1,
            Scaling.VariancePreserving => 1 / Math.Sqrt(1 + kappa * kappa),
            _ => 1 / (1 + kappa),
        };
        return new(alpha, alpha * kappa) { Timestep = kappa };
    }

    /// <summary>Steps spaced evenly in λ.</summary>
    public static Trajectory Even(this Scaling scaling, double first, double last, int steps) =>
        Through([.. Enumerable.Range(0, steps + 1).Select(i => scaling.Level(first * Math.Pow(last / first, (double)i / steps)))]);

    public static Trajectory Through(params ImmutableArray<NoiseLevel> levels) => Trajectory.Through(levels, levels[0].Sigma, new SigmaSchedule());
}

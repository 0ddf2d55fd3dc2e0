namespace Inference.Sampling;

/// <summary>
/// Levels between the grid points of a trajectory, in the trajectory's own scaling: variance-exploding (α = 1), flow (α + σ = 1) or
/// variance-preserving (α² + σ² = 1). A model is conditioned on the timestep that the schedule gives to κ = σ/α, which no scaling changes.
/// </summary>
internal static class LevelScaling
{
    private const double Tolerance = 1e-6;

    /// <summary>The level with noise-to-signal ratio <paramref name="kappa"/> (positive and finite).</summary>
    public static NoiseLevel LevelAt(this Trajectory trajectory, double kappa)
    {
        var alpha = Fits(trajectory, static level => level.Alpha) ? 1
            : Fits(trajectory, static level => level.Alpha + level.Sigma) ? 1 / (1 + kappa)
            : 1 / Math.Sqrt(1 + kappa * kappa);
        return new(alpha, alpha * kappa) { Timestep = trajectory.Schedule.TimestepAt(kappa) };
    }

    /// <summary>The level as evaluated in a stage of a step, both counted from 0.</summary>
    public static NoiseLevel InStage(this NoiseLevel level, int step, int stage) => level with { Step = step, Stage = stage };

    // The first step decides: its levels are noisy, so that no two of the scalings hold for both of them.
    private static bool Fits(Trajectory trajectory, Func<NoiseLevel, double> unit)
    {
        var (from, to) = trajectory.Steps[0];
        return Math.Abs(unit(from) - 1) < Tolerance && Math.Abs(unit(to) - 1) < Tolerance;
    }
}

namespace Inference.Sampling;

/// <summary>
/// The bookkeeping of convergence that the parallel methods share: a position has converged when the mean square of a change is at most tolerance² times the
/// scale of that position. A change of exactly zero has converged at every scale, so at tolerance 0 only fixed points have.
/// </summary>
internal sealed class Convergence
{
    private readonly double[] _scales;
    private readonly double _limit;
    private readonly int _pictures;

    /// <param name="tolerance">Allowed root mean square in units of the scale, ≥ 0.</param>
    /// <param name="scales">Variance by position, from 0 to the number of steps; 0 accepts exact equality only.</param>
    /// <param name="pictures">Pictures in a latent, one after the other; each of them has to converge.</param>
    public Convergence(double tolerance, double[] scales, int pictures = 1) => (_limit, _scales, _pictures) = (tolerance * tolerance, scales, pictures);

    /// <summary>Whether only fixed points have converged.</summary>
    public bool IsExact => _limit == 0;

    /// <summary>
    /// In units of the noise: the variance of the DDPM posterior of the step that leaves a position, for deterministic samplers too. The last position has
    /// none (Shih et al. 2023, arXiv:2305.16317, section 3.2 and its code).
    /// </summary>
    public static Convergence ByNoise(double tolerance, Trajectory trajectory, int pictures = 1) =>
        new(tolerance, [.. trajectory.Steps.Select(PosteriorVariance), 0], pictures);

    /// <summary>In units of the state: α² + σ² at a position, 1 for variance-preserving models (Tang et al. 2024, arXiv:2402.09970, its code).</summary>
    public static Convergence ByState(double tolerance, Trajectory trajectory) =>
        new(tolerance, [.. trajectory.Steps.Select(step => Square(step.From)), Square(trajectory.Steps[^1].To)]);

    /// <summary>Whether the difference of two values of one position is small enough.</summary>
    public bool IsMet(int position, Latent a, Latent b)
    {
        var size = a.Shape.Length / _pictures;
        for (var at = 0; at < a.Shape.Length; at += size)
            // Values that are not finite end the run; whoever wanted a picture of them finds out.
            if (MeanSquare(a.Values.Slice(at, size), b.Values.Slice(at, size)) > _limit * _scales[position])
                return false;
        return true;
    }

    private static double MeanSquare(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = (double)a[i] - b[i];
            sum += difference * difference;
        }
        return sum / a.Length;
    }

    private static double Square(NoiseLevel level) => level.Alpha * level.Alpha + level.Sigma * level.Sigma;

    // σ²(s|t)·σ_t²/σ_s² for x_s given x_t (Kingma et al. 2021, arXiv:2107.00630, eq. 32), in any scaling.
    private static double PosteriorVariance(TrajectoryStep step)
    {
        var (s, t) = step;
        var ratio = t.Alpha == 0 ? 0 : s.Alpha / t.Alpha;
        var (spent, left) = (s.Sigma * s.Sigma, t.Sigma * t.Sigma);
        return Math.Max(0, (spent - ratio * ratio * left) * left / spent);
    }
}

namespace Inference.Sampling;

/// <summary>
/// The discrete process of the DPM-Solver authors (Lu et al. 2022, arXiv:2206.00927, appendix D.4): ln α is linear between timesteps, and both
/// directions are inverse to each other. Timesteps with λ below -5.1 are cut off, where the cosine schedule is not accurate.
/// </summary>
public sealed class DpmSolverSchedule : INoiseSchedule
{
    private const double SmallestLambda = -5.1;
    private readonly double[] _logAlphas;

    /// <param name="alphasCumprod">ᾱ_t at timesteps 0..T-1, falling with t, in (0, 1).</param>
    /// <exception cref="ArgumentException">Fewer than two timesteps remain.</exception>
    public DpmSolverSchedule(ReadOnlySpan<double> alphasCumprod)
    {
        var count = alphasCumprod.Length;
        while (count > 0 && Lambda(0.5 * Math.Log(alphasCumprod[count - 1])) < SmallestLambda)
            count--;
        if (count < 2)
            throw new ArgumentException("A schedule needs at least two timesteps whose λ is not below -5.1.", nameof(alphasCumprod));
        _logAlphas = new double[count];
        for (var i = 0; i < count; i++)
            _logAlphas[i] = 0.5 * Math.Log(alphasCumprod[i]);
    }

    /// <summary>Number of timesteps.</summary>
    public int Count => _logAlphas.Length;

    public NoiseLevel At(double timestep)
    {
        var low = Math.Clamp((int)timestep, 0, Count - 2);
        var logAlpha = _logAlphas[low] + (timestep - low) * (_logAlphas[low + 1] - _logAlphas[low]);
        return new(Math.Exp(logAlpha), Math.Sqrt(1 - Math.Exp(2 * logAlpha))) { Timestep = timestep };
    }

    public double TimestepAt(double kappa)
    {
        var logAlpha = -0.5 * Math.Log(1 + kappa * kappa);
        // The first timestep with a smaller ln α ends the interval.
        var (low, high) = (0, Count - 1);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = _logAlphas[middle] > logAlpha ? (middle, high) : (low, middle);
        }
        return low + (logAlpha - _logAlphas[low]) / (_logAlphas[high] - _logAlphas[low]);
    }

    private static double Lambda(double logAlpha) => logAlpha - 0.5 * Math.Log(1 - Math.Exp(2 * logAlpha));
}

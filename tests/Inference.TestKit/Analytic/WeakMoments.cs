using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>Mean and variance of what a sampler makes of exactly distributed starts, when the data is the Gaussian N(Mean, Deviation²).</summary>
public static class WeakMoments
{
    public const double Mean = 0.7;
    public const double Deviation = 0.6;

    /// <summary>The larger of the errors of mean and variance at the end of the trajectory. At most <paramref name="draws"/> draws are numbered.</summary>
    public static async Task<double> ErrorAsync(ISampler sampler, Trajectory trajectory, int draws)
    {
        var length = draws + 2;
        var mixture = new GaussianMixture([1], [Enumerable.Repeat(Mean, length).ToArray()], [Deviation]);
        var noise = new UnitNoise();
        using var x = Latent.Rent(new(1, 1, length));
        noise.Fill(0, x);
        await sampler.SampleAsync(new MixtureDenoiser(mixture), x, trajectory, noise, NullObserver.Instance, CancellationToken.None);

        var (from, to) = (trajectory.Steps[0].From, trajectory.Steps[^1].To);
        // Dimension 0 saw neither start nor noise, dimension 1 the start, the others one draw each.
        double offset = x.Values[0];
        var gain = x.Values[1] - offset;
        var mean = gain * from.Alpha * Mean + offset;
        var variance = gain * gain * Variance(from);
        for (var i = 2; i < length; i++)
            variance += (x.Values[i] - offset) * (x.Values[i] - offset);
        return Math.Max(Math.Abs(mean - to.Alpha * Mean), Math.Abs(variance - Variance(to)));
    }

    private static double Variance(NoiseLevel level) => Math.Pow(level.Alpha * Deviation, 2) + Math.Pow(level.Sigma, 2);
}

using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>Observed orders of convergence on analytic problems.</summary>
internal static class Orders
{
    public const double KappaMaximum = 14.6;
    public const double KappaMinimum = 0.03;

    public static readonly ContinuousSchedule Schedule = new();

    public static readonly GaussianMixture Mixture = new(
        [0.3, 0.45, 0.25],
        [[-0.3, 0.5, 0.2, 0.9], [0.6, -0.4, 0.1, -0.7], [0.1, 0.3, -0.9, 0.2]],
        [0.35, 0.5, 0.3]);

    private static readonly float[] _start = [-0.7f, 1.3f, 0.6f, -0.9f];

    /// <summary>Root mean square error against the probability flow.</summary>
    public static async Task<double> ErrorAsync(ISampler sampler, Trajectory trajectory)
    {
        using var x = Latent.From(new(1, 2, 2), _start);
        var exact = ProbabilityFlow.Solve(
            Mixture, [.. _start.Select(value => (double)value)], Angle(trajectory.Steps[0].From), Angle(trajectory.Steps[^1].To));
        await sampler.SampleAsync(new MixtureDenoiser(Mixture), x, trajectory, new UnitNoise(), NullObserver.Instance, CancellationToken.None);
        var sum = 0.0;
        for (var i = 0; i < exact.Length; i++)
            sum += Math.Pow(x.Values[i] - exact[i], 2);
        return Math.Sqrt(sum / exact.Length);
    }

    /// <summary>Order between <paramref name="steps"/> and twice as many steps, uniform in ln(σ/α).</summary>
    public static Task<double> StrongAsync(ISampler sampler, int steps) =>
        OrderAsync(sampler, steps, ErrorAsync);

    /// <summary>Order of mean and variance between <paramref name="steps"/> and twice as many steps, uniform in ln(σ/α).</summary>
    public static Task<double> WeakAsync(ISampler sampler, int steps) =>
        OrderAsync(sampler, steps, (solver, trajectory) => WeakMoments.ErrorAsync(solver, trajectory, 2 * trajectory.Steps.Length + 1));

    private static async Task<double> OrderAsync(ISampler sampler, int steps, Func<ISampler, Trajectory, Task<double>> error)
    {
        var coarse = await error(sampler, Schedule.LogUniform(steps, KappaMaximum, KappaMinimum));
        var fine = await error(sampler, Schedule.LogUniform(2 * steps, KappaMaximum, KappaMinimum));
        // Below this float32 rounding would be measured.
        Assert.True(fine > 3e-6, $"An error of {fine:g3} with {2 * steps} steps is too small to measure an order.");
        return Math.Log2(coarse / fine);
    }

    private static double Angle(NoiseLevel level) => Math.Atan2(level.Sigma, level.Alpha);
}

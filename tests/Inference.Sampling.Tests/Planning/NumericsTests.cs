namespace Inference.Sampling.Tests;

/// <summary>The pieces of the planned samplers against independent computations.</summary>
public sealed class NumericsTests
{
    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0.25, 0.146446609406726)] // Beta(½, ½) is the arcsine law: sin²(πp/2).
    [InlineData(0.9, 0.975528258147577)]
    public void Quantiles_of_the_arcsine_law(double probability, double quantile) =>
        Assert.Equal(quantile, BetaDistribution.Quantile(probability, 0.5, 0.5), 12);

    [Fact]
    public void Beta_distribution_function_of_a_polynomial_density()
    {
        // Beta(2, 3): I_x = 6x² - 8x³ + 3x⁴.
        foreach (var x in (double[])[0.01, 0.2, 0.5, 0.77, 0.99])
            Assert.Equal(6 * x * x - 8 * x * x * x + 3 * x * x * x * x, BetaDistribution.Cumulative(x, 2, 3), 13);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Integrals_of_deis_by_quadrature(int j)
    {
        double[] nodes = [0, 0.4, 1.1];
        const double end = -0.7;
        const int intervals = 2000;
        var step = end / intervals;
        var simpson = 0.0;
        for (var k = 0; k <= intervals; k++)
        {
            var u = k * step;
            var weight = k is 0 or intervals ? 1 : k % 2 == 1 ? 4 : 2;
            simpson += weight * Math.Exp(u) * Lagrange.Evaluate(nodes, j, u);
        }

        Assert.Equal(simpson * step / 3, Deis.Integral(nodes, j, end), 12);
    }

    [Fact]
    public void Weights_of_unipc_solve_their_equations()
    {
        double[] nodes = [-1.3, -2.1, 1];
        const double z = -0.6;
        const double b = -0.45;
        var weights = new double[3];
        UniPcWeights.Solve(nodes, z, b, weights);

        // Σ a_m r_m^(k-1) = k!·z·φ_{k+1}(z)/B, with the φ from their recurrence.
        double[] right = [z * PhiOf(2), 2 * z * PhiOf(3), 6 * z * PhiOf(4)];
        for (var k = 0; k < 3; k++)
            Assert.Equal(right[k] / b, nodes.Select((node, m) => weights[m] * Math.Pow(node, k)).Sum(), 11);

        static double PhiOf(int k) => k == 1 ? (Math.Exp(z) - 1) / z : (PhiOf(k - 1) - 1 / new[] { 1.0, 1, 2, 6 }[k - 1]) / z;
    }

    [Theory]
    [InlineData(3, 9, true, false, "123123121")]
    [InlineData(3, 10, true, true, "1231231231")]
    [InlineData(3, 11, true, false, "12312312312")]
    [InlineData(3, 11, true, true, "12312312311")]
    [InlineData(3, 9, false, false, "123123123")]
    [InlineData(2, 6, true, false, "121211")]
    [InlineData(2, 7, false, false, "1212121")]
    [InlineData(2, 6, false, true, "121211")]
    [InlineData(1, 4, true, true, "1111")]
    public void Orders_of_singlestep_runs(int order, int steps, bool lowerOrderFinal, bool endsClean, string expected) =>
        Assert.Equal(expected, string.Concat(Enumerable.Range(0, steps).Select(i => DpmSolverSinglestep.OrderOf(i, order, steps, lowerOrderFinal, endsClean))));

    [Fact]
    public void Dynamic_thresholding_scales_by_the_quantile()
    {
        using var clean = Latent.From(new(1, 1, 5), [-4, 1, 2, 3, 0.5f]);

        // |x| sorted: 0.5 1 2 3 4; the quantile at 0.75 is 3, which the maximum lowers to 2.5.
        new DynamicThresholding(0.75, 2.5).Clip(clean);

        Assert.Equal([-1, 0.4f, 0.8f, 1, 0.2f], clean.Values.ToArray());
    }

    [Fact]
    public void Thresholding_below_one_is_plain_clipping()
    {
        using var clean = Latent.From(new(1, 1, 3), [0.5f, -0.25f, 3]);

        new DynamicThresholding(0.5, 10).Clip(clean);

        Assert.Equal([0.5f, -0.25f, 1], clean.Values.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(333)]
    [InlineData(999)]
    public void Timestep_of_a_table_level_is_its_own(int timestep)
    {
        var schedule = new VariancePreservingSchedule(BetaSchedules.CumulativeAlphas(BetaSchedules.ScaledLinear(0.00085, 0.012, 1000)));

        Assert.Equal(timestep, schedule.TimestepAt(schedule.At(timestep).Kappa), 9);
        Assert.Equal(1, Math.Pow(schedule.At(timestep).Alpha, 2) + Math.Pow(schedule.At(timestep).Sigma, 2), 14);
    }

    [Fact]
    public void Timesteps_outside_the_table_are_clamped()
    {
        var schedule = new VariancePreservingSchedule(BetaSchedules.CumulativeAlphas(BetaSchedules.Linear(0.0001, 0.02, 1000)));

        Assert.Equal(0, schedule.TimestepAt(0));
        Assert.Equal(999, schedule.TimestepAt(1e6));
    }

    [Fact]
    public async Task As_many_steps_as_timesteps_stay_finite()
    {
        // The grid repeats levels there; multistep history must not divide by their distance.
        var planner = new SamplingPlanner(SchedulerConfig.Parse("""{"_class_name": "DDIMScheduler", "clip_sample": false}"""));
        foreach (var sampler in (string[])["dpmpp-2m", "dpmpp-3m", "sde-dpmpp-2m", "dpm-3m", "deis", "unipc", "ddim", "plms"])
        {
            var plan = planner.Plan(new() { Sampler = sampler, Steps = 1000 });
            using var x = Latent.From(new(1, 1, 4), [1, -2, 0.5f, 3]);
            await plan.Integrator.SampleAsync(
                new ShrinkingDenoiser(), x, plan.Trajectory, new ConstantNoise(), NullObserver.Instance, CancellationToken.None);
            Assert.True(x.IsFinite(), sampler);
        }
    }

    private sealed class ShrinkingDenoiser : IDenoiser
    {
        public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
        {
            clean.Set(level.Alpha * x);
            return ValueTask.CompletedTask;
        }

        public ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class ConstantNoise : INoise
    {
        public void Fill(int draw, Latent destination) => destination.Values.Fill(0.5f);
    }
}

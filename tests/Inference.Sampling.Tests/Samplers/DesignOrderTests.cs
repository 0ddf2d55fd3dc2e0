namespace Inference.Sampling.Tests;

/// <summary>Every method converges with the order that it was designed for, and not with a higher one (which would mean that the test measures something else).</summary>
public sealed class DesignOrderTests
{
    private const double Unlimited = double.PositiveInfinity;

    // Steps are chosen in the asymptotic range, where the error is still far above float32 rounding.
    private static readonly Dictionary<string, (ISampler Sampler, int Steps, double Order)> _deterministic = new()
    {
        ["DDIM, as order 1 of all"] = (new AdamsBashforthSampler(new RhoWeights(), 1), 160, 1),
        ["rhoAB-1"] = (new AdamsBashforthSampler(new RhoWeights(), 2), 160, 2),
        ["rhoAB-2"] = (new AdamsBashforthSampler(new RhoWeights(), 3), 80, 2.9),
        ["rhoAB-3"] = (new AdamsBashforthSampler(new RhoWeights(), 4), 40, 3.6),
        ["tAB-1"] = (new AdamsBashforthSampler(new TimeWeights(), 2), 160, 2),
        ["tAB-2"] = (new AdamsBashforthSampler(new TimeWeights(), 3), 40, 2.9),
        ["tAB-3"] = (new AdamsBashforthSampler(new TimeWeights(), 4), 40, 3.6),
        ["iPNDM of order 2"] = (new AdamsBashforthSampler(new IpndmWeights(), 2), 160, 2),
        ["iPNDM of order 4, on a graded grid"] = (new AdamsBashforthSampler(new IpndmWeights(), 4), 80, 2),
        ["accelerated DDIM"] = (new AdamsBashforthSampler(new AcceleratedDdimWeights(), 2), 160, 1.95),
        ["RES"] = (new ResMultistep(), 80, 2),
        ["DualFast, off, DDIM"] = (new DualFast(0, 1), 160, 1),
        ["DualFast, off, 2M"] = (new DualFast(0, 2), 80, 2.05),
        ["DualFast, on"] = (new DualFast(0.2, 2), 160, 1),
        ["SA-Solver, flow, predictor 1"] = (Sa(1, 0, 0), 160, 1),
        ["SA-Solver, flow, predictor 2"] = (Sa(2, 0, 0), 80, 2),
        ["SA-Solver, flow, predictor 3"] = (Sa(3, 0, 0), 40, 3.05),
        ["SA-Solver, flow, predictor 1, corrector 2"] = (Sa(1, 2, 0), 160, 2),
        ["SA-Solver, flow, predictor 2, corrector 3"] = (Sa(2, 3, 0), 80, 2.95),
    };

    private static readonly Dictionary<string, (ISampler Sampler, int Steps, double Order)> _stochastic = new()
    {
        ["SA-Solver, tau 1, predictor 1"] = (Sa(1, 0, 1), 160, 1),
        ["SA-Solver, tau 1, predictor 2"] = (Sa(2, 0, 1), 80, 2),
        ["SA-Solver, tau 1/2, predictor 2"] = (Sa(2, 0, 0.5), 40, 2),
        ["ER-SDE-1"] = (new ErSde(1), 160, 1),
        ["ER-SDE-2"] = (new ErSde(2), 80, 2),
        ["ER-SDE-3"] = (new ErSde(3), 80, 2),
        ["accelerated DDPM"] = (new AcceleratedDdpm(), 80, 2),
        ["accelerated DDPM with its second noise outside the bracket"] = (new OutsideBracketDdpm(), 160, 1),
    };

    public static TheoryData<string> DeterministicNames => [.. _deterministic.Keys];

    public static TheoryData<string> StochasticNames => [.. _stochastic.Keys];

    [Theory]
    [MemberData(nameof(DeterministicNames))]
    public async Task Probability_flow(string name)
    {
        var (sampler, steps, order) = _deterministic[name];
        Assert.Equal(order, await Orders.StrongAsync(sampler, steps), 0.15);
    }

    [Theory]
    [MemberData(nameof(StochasticNames))]
    public async Task Mean_and_variance_of_a_gaussian(string name)
    {
        var (sampler, steps, order) = _stochastic[name];
        Assert.Equal(order, await Orders.WeakAsync(sampler, steps), 0.15);
    }

    [Fact]
    public async Task Ipndm_has_its_design_order_on_a_grid_uniform_in_rho()
    {
        // A narrow range: on a wide one a uniform grid spends hardly a step where the flow bends.
        async Task<double> Error(int order, int steps) => await Orders.ErrorAsync(
            new AdamsBashforthSampler(new IpndmWeights(), order),
            Orders.Schedule.Through([.. Enumerable.Range(0, steps + 1).Select(i => 3 - 2.5 * i / steps)]));
        Assert.Equal(2, Math.Log2(await Error(2, 40) / await Error(2, 80)), 0.2);
        // The starting steps are of lower order: 3 and 4 gain less than a factor of 2 each once those dominate.
        Assert.True(await Error(3, 20) < await Error(2, 20) / 2);
        Assert.True(await Error(4, 20) < await Error(3, 20));
    }

    [Fact]
    public async Task A_sa_corrector_makes_weak_errors_smaller()
    {
        var trajectory = Orders.Schedule.LogUniform(40, Orders.KappaMaximum, Orders.KappaMinimum);
        var predicted = await TestKit.WeakMoments.ErrorAsync(Sa(2, 0, 1), trajectory, 41);
        var corrected = await TestKit.WeakMoments.ErrorAsync(Sa(2, 2, 1), trajectory, 41);
        Assert.True(corrected < predicted / 2, $"{corrected:g3} against {predicted:g3}");
    }

    private static SaSolver Sa(int predictor, int corrector, double tau) => new(new(predictor, corrector, tau, 0, Unlimited));

    /// <summary>Accelerated DDPM as it is easily misread, with the second noise added after the division by √a.</summary>
    private sealed class OutsideBracketDdpm : ISampler
    {
        public async ValueTask SampleAsync(
            IDenoiser denoiser, Latent x, Trajectory trajectory, INoise noise, ISamplingObserver observer, CancellationToken cancellationToken)
        {
            using var z = Latent.Rent(x.Shape);
            using var clean = Latent.Rent(x.Shape);
            for (var i = 0; i < trajectory.Steps.Length; i++)
            {
                var (s, t) = trajectory.Steps[i];
                var a = s.Alpha * s.Alpha / (t.Alpha * t.Alpha);
                noise.Fill(2 * i + 1, z);
                x.Set(x + Math.Sqrt((1 - a) / 2) * z);
                await denoiser.DenoiseAsync(x, s, clean, cancellationToken);
                noise.Fill(2 * i + 2, z);
                x.Set((x + (1 - a) / (s.Sigma * s.Sigma) * (s.Alpha * clean - x)) / Math.Sqrt(a) + Math.Sqrt((1 - a) / 2) * z);
            }
        }
    }
}

using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>What every sampler keeps, whichever it is.</summary>
public sealed class SamplerContractTests
{
    private static readonly LatentShape _shape = new(1, 2, 2);

    public static TheoryData<string> Ids => SamplerSubjects.Ids;

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Evaluates_as_often_as_described(string id)
    {
        foreach (var trajectory in Trajectories(12))
        {
            var (_, evaluations) = await RunAsync(SamplerSubjects.Create(SamplerSubjects.Descriptor(id)), trajectory);
            if (SamplerSubjects.Evaluations(SamplerSubjects.Descriptor(id), trajectory) is { } expected)
                Assert.Equal(expected, evaluations);
            else
                Assert.InRange(evaluations, 1, 1000);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Stays_finite_from_pure_noise_to_clean_data(string id)
    {
        foreach (var trajectory in Trajectories(12))
        {
            var (result, _) = await RunAsync(SamplerSubjects.Create(SamplerSubjects.Descriptor(id)), trajectory);
            Assert.All(result, value => Assert.True(float.IsFinite(value) && Math.Abs(value) < 10, $"{value}"));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Repeats_itself_bit_for_bit(string id)
    {
        var sampler = SamplerSubjects.Create(SamplerSubjects.Descriptor(id));
        foreach (var trajectory in Trajectories(12))
            Assert.Equal((await RunAsync(sampler, trajectory)).Result, (await RunAsync(sampler, trajectory)).Result);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Stops_between_any_two_evaluations(string id)
    {
        var sampler = SamplerSubjects.Create(SamplerSubjects.Descriptor(id));
        var trajectory = Trajectories(6)[0];
        var (_, total) = await RunAsync(sampler, trajectory);
        Assert.True(total > 1);

        for (var last = 1; last < total; last++)
        {
            using var cancellation = new CancellationTokenSource();
            var denoiser = new ContractDenoiser(Orders.Mixture)
            {
                Evaluated = count =>
                {
                    if (count == last)
                        cancellation.Cancel();
                },
            };
            using var x = Start(1);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sampler.SampleAsync(
                denoiser, x, trajectory, new PhiloxNoise(1), NullObserver.Instance, cancellation.Token));
            Assert.Equal(last, denoiser.Evaluations);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Interleaved_runs_do_not_see_each_other(string id)
    {
        var sampler = SamplerSubjects.Create(SamplerSubjects.Descriptor(id));
        var (longer, shorter) = (Trajectories(9)[0], Trajectories(5)[0]);
        var (first, _) = await RunAsync(sampler, longer, 1);
        var (second, _) = await RunAsync(sampler, shorter, 2);

        using var x = Start(1);
        using var y = Start(2);
        var (a, b) = (new ContractDenoiser(Orders.Mixture) { Held = true }, new ContractDenoiser(Orders.Mixture) { Held = true });
        var one = sampler.SampleAsync(a, x, longer, new PhiloxNoise(1), NullObserver.Instance, CancellationToken.None).AsTask();
        var two = sampler.SampleAsync(b, y, shorter, new PhiloxNoise(2), NullObserver.Instance, CancellationToken.None).AsTask();
        while (!one.IsCompleted || !two.IsCompleted)
        {
            if (!one.IsCompleted)
                a.Release();
            if (!two.IsCompleted)
                b.Release();
        }
        await Task.WhenAll(one, two);
        Assert.Equal(first, x.Values.ToArray());
        Assert.Equal(second, y.Values.ToArray());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Allocates_nothing_for_a_step(string id)
    {
        var sampler = SamplerSubjects.Create(SamplerSubjects.Descriptor(id));
        var (few, many) = (Trajectories(12)[0], Trajectories(24)[0]);
        var denoiser = new AnalyticDenoiser(Orders.Mixture);
        var noise = new PhiloxNoise(1);
        using var x = Start(1);

        // The smallest of several measurements: now and then the runtime allocates on its own account.
        Measure(few);
        Measure(many);
        var (small, large) = (long.MaxValue, long.MaxValue);
        for (var repetition = 0; repetition < 8; repetition++)
        {
            small = Math.Min(small, Measure(few));
            large = Math.Min(large, Measure(many));
        }
        Assert.Equal(small, large);

        long Measure(Trajectory trajectory)
        {
            noise.Fill(0, x);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var run = sampler.SampleAsync(denoiser, x, trajectory, noise, NullObserver.Instance, CancellationToken.None);
            Assert.True(run.IsCompletedSuccessfully);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    /// <summary>Trajectories of as many steps: to the smallest noise, to clean data, from pure noise to clean data, and a flow from 1 to 0.</summary>
    private static Trajectory[] Trajectories(int steps)
    {
        var inner = Orders.Schedule.LogUniform(steps, Orders.KappaMaximum, Orders.KappaMinimum);
        double[] kappas = [.. inner.Steps.Select(step => step.From.Kappa)];
        var flow = Enumerable.Range(0, steps + 1).Select(i => 1 - (double)i / steps).Select(s => new NoiseLevel(1 - s, s)).ToArray();
        return
        [
            inner,
            Orders.Schedule.Through([.. kappas, 0]),
            Orders.Schedule.Through([double.PositiveInfinity, .. kappas[1..], 0]),
            new([.. Enumerable.Range(0, steps).Select(i => new TrajectoryStep(flow[i], flow[i + 1]))], 1, Orders.Schedule),
        ];
    }

    private static Latent Start(ulong seed)
    {
        var x = Latent.Rent(_shape);
        new PhiloxNoise(seed).Fill(0, x);
        return x;
    }

    private static async Task<(float[] Result, int Evaluations)> RunAsync(ISampler sampler, Trajectory trajectory, ulong seed = 1)
    {
        var denoiser = new ContractDenoiser(Orders.Mixture);
        using var x = Start(seed);
        await sampler.SampleAsync(denoiser, x, trajectory, new PhiloxNoise(seed), NullObserver.Instance, CancellationToken.None);
        return (x.Values.ToArray(), denoiser.Evaluations);
    }
}

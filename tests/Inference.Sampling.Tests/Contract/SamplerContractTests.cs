namespace Inference.Sampling.Tests;

/// <summary>What every sampler keeps, whichever it is.</summary>
public sealed class SamplerContractTests
{
    private static readonly LatentShape _shape = new(1, 2, 2);

    public static TheoryData<string> Ids => SamplerSubjects.Ids;

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Evaluates_as_often_as_planned(string id)
    {
        foreach (var plan in SamplerSubjects.Plans(id, 12))
        {
            var (_, evaluations) = await RunAsync(plan);
            if (plan.Evaluations is { } expected)
                Assert.Equal(expected, evaluations);
            else
                Assert.InRange(evaluations, 1, 1000);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Stays_finite_from_noise_to_clean_data(string id)
    {
        foreach (var plan in SamplerSubjects.Plans(id, 12))
        {
            var (result, _) = await RunAsync(plan);
            Assert.All(result, value => Assert.True(float.IsFinite(value) && Math.Abs(value) < 10, $"{value}"));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Runs_whatever_was_planned(string id)
    {
        for (var steps = 1; steps <= 4; steps++)
        {
            foreach (var plan in SamplerSubjects.PlansThatFit(id, steps))
            {
                var (result, evaluations) = await RunAsync(plan);
                Assert.All(result, value => Assert.True(float.IsFinite(value), $"{value} after {steps} steps"));
                Assert.Equal(plan.Evaluations ?? evaluations, evaluations);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Steps_of_no_length_do_no_harm(string id)
    {
        // Grids of many steps repeat levels, and some schedules end by repeating the last one.
        var plan = SamplerSubjects.Plans(id, 12)[0];
        var steps = plan.Trajectory.Steps.SelectMany((step, i) => i % 3 == 0 || i == plan.Trajectory.Steps.Length - 1 && !step.To.IsClean
            ? (TrajectoryStep[])[new(step.From, step.From), step]
            : [step]);
        var repeating = plan with { Trajectory = new([.. steps], plan.Trajectory.InitialScale, plan.Trajectory.Schedule) };
        var (result, _) = await RunAsync(repeating);
        Assert.All(result, value => Assert.True(float.IsFinite(value) && Math.Abs(value) < 10, $"{value}"));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Repeats_itself_bit_for_bit(string id)
    {
        foreach (var plan in SamplerSubjects.Plans(id, 12))
            Assert.Equal((await RunAsync(plan)).Result, (await RunAsync(plan)).Result);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Stops_between_any_two_evaluations(string id)
    {
        var plan = SamplerSubjects.Plans(id, 6)[0];
        var (_, total) = await RunAsync(plan);
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
            using var x = Start(plan.Trajectory, 1);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await plan.Integrator.SampleAsync(
                denoiser, x, plan.Trajectory, new PhiloxNoise(1), NullObserver.Instance, cancellation.Token));
            Assert.Equal(last, denoiser.Evaluations);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Interleaved_runs_do_not_see_each_other(string id)
    {
        var (longer, shorter) = (SamplerSubjects.Plans(id, 9)[0], SamplerSubjects.Plans(id, 6)[0]);
        // One instance serves both runs.
        shorter = shorter with { Integrator = longer.Integrator };
        var (first, _) = await RunAsync(longer, 1);
        var (second, _) = await RunAsync(shorter, 2);

        using var x = Start(longer.Trajectory, 1);
        using var y = Start(shorter.Trajectory, 2);
        var (a, b) = (new ContractDenoiser(Orders.Mixture) { Held = true }, new ContractDenoiser(Orders.Mixture) { Held = true });
        // Without the test framework's synchronization context a sampler runs on within Release.
        await Task.Run(async () =>
        {
            var one = longer.Integrator.SampleAsync(a, x, longer.Trajectory, new PhiloxNoise(1), NullObserver.Instance, CancellationToken.None).AsTask();
            var two = shorter.Integrator.SampleAsync(b, y, shorter.Trajectory, new PhiloxNoise(2), NullObserver.Instance, CancellationToken.None).AsTask();
            while (!one.IsCompleted || !two.IsCompleted)
            {
                if (!one.IsCompleted)
                    a.Release();
                if (!two.IsCompleted)
                    b.Release();
            }
            await Task.WhenAll(one, two);
        });
        Assert.Equal(first, x.Values.ToArray());
        Assert.Equal(second, y.Values.ToArray());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Allocates_nothing_in_steady_state(string id)
    {
        var plan = SamplerSubjects.Plans(id, 24)[0];
        using var x = Start(plan.Trajectory, 1);

        // The smallest of several measurements: now and then the runtime allocates on its own account.
        var least = long.MaxValue;
        for (var repetition = 0; repetition < 10; repetition++)
        {
            var denoiser = new AllocationDenoiser(new(Orders.Mixture));
            var run = plan.Integrator.SampleAsync(denoiser, x, plan.Trajectory, new PhiloxNoise(1), NullObserver.Instance, CancellationToken.None);
            Assert.True(run.IsCompletedSuccessfully);
            least = Math.Min(least, denoiser.Allocated);
        }
        Assert.Equal(0, least);
    }

    private static Latent Start(Trajectory trajectory, ulong seed)
    {
        var x = Latent.Rent(_shape);
        new PhiloxNoise(seed).Fill(0, x);
        x.Set(trajectory.InitialScale * x);
        return x;
    }

    private static async Task<(float[] Result, int Evaluations)> RunAsync(SamplingPlan plan, ulong seed = 1)
    {
        var denoiser = new ContractDenoiser(Orders.Mixture);
        using var x = Start(plan.Trajectory, seed);
        await plan.Integrator.SampleAsync(denoiser, x, plan.Trajectory, new PhiloxNoise(seed), NullObserver.Instance, CancellationToken.None);
        return (x.Values.ToArray(), denoiser.Evaluations);
    }
}

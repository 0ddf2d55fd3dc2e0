using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>How many iterations the methods need: counts are exact on analytic models.</summary>
public sealed class ParallelSpeedTests
{
    private const int Steps = 100;
    private static readonly ulong[] _seeds = [1, 2, 3, 4];

    [Theory]
    [InlineData("ddim")]
    [InlineData("euler")]
    [InlineData("ddpm")]
    public async Task Anderson_needs_fewer_iterations_than_the_plain_iteration_and_a_warm_start_fewer_again(string sampler)
    {
        var sampling = ParallelRuns.Sampling(sampler, Steps);
        var (plain, accelerated, warm) = (0, 0, 0);
        foreach (var seed in _seeds)
        {
            var former = new StatesOfRun(Steps, ParallelRuns.Shape);
            var (first, use) = await AndersonAsync(sampling, 2, seed, context => context with { Keep = former });
            Assert.True(former.IsComplete);
            Assert.Equal(first, former[Steps].ToArray());
            plain += (await AndersonAsync(sampling, 1, seed)).Use.Iterations;
            accelerated += use.Iterations;
            var (result, warmUse) = await AndersonAsync(sampling, 2, seed, context => context with { Former = former, Denoiser = Similar() });
            warm += warmUse.Iterations;
            Assert.InRange(ParallelRuns.Difference(result, await ParallelRuns.PlainAsync(sampling, seed, Similar())), 0, 0.05);
        }
        Assert.True(accelerated <= 0.7 * plain, $"{accelerated} against {plain}");
        Assert.True(warm < accelerated, $"{warm} against {accelerated}");
    }

    [Fact]
    public async Task Anderson_takes_half_the_iterations_of_ParaDiGMS_over_sigma()
    {
        var (picard, anderson) = (0, 0);
        foreach (var seed in _seeds)
        {
            var sampling = ParallelRuns.Sampling("euler", Steps);
            var (_, use) = await ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, "picard"), new FixedWindow(Steps), seed);
            picard += use.Iterations;
            anderson += (await AndersonAsync(sampling, 3, seed)).Use.Iterations;
        }
        Assert.True(anderson <= 0.5 * picard, $"{anderson} against {picard}");
    }

    [Fact]
    public async Task A_variation_keeps_the_beginning_of_the_former_run()
    {
        var sampling = ParallelRuns.Sampling("ddim", 50);
        var former = new StatesOfRun(50, ParallelRuns.Shape);
        await AndersonAsync(sampling, 2, 1, context => context with { Keep = former });
        var varied = new StatesOfRun(50, ParallelRuns.Shape);
        var (_, use) = await ParallelRuns.RunAsync(
            sampling, ParallelRuns.Plan(sampling, "parataa", ("variation_steps", 10)), new FixedWindow(50), with: context => context with { Former = former, Keep = varied, Denoiser = Similar() });
        for (var position = 0; position <= 40; position++)
            Assert.Equal(former[position].ToArray(), varied[position].ToArray());
        Assert.NotEqual(former[50].ToArray(), varied[50].ToArray());
        Assert.All(use.Windows, window => Assert.True(window.Begin >= 40));
    }

    [Theory]
    [InlineData("network")]
    [InlineData("cached")]
    [InlineData("forecast")]
    public async Task Parareal_is_exact_after_as_many_sweeps_as_blocks_with_any_coarse_solver(string coarse)
    {
        var sampling = ParallelRuns.Sampling("ddim", 49);
        var (result, use) = await ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, "parareal", ("tolerance", 0), ("coarse", coarse)), new FixedWindow(49));
        Assert.InRange(ParallelRuns.Difference(result, await ParallelRuns.PlainAsync(sampling)), 0, 1e-5);
        Assert.InRange(use.Iterations, 1, 7);
    }

    [Fact]
    public async Task Cheaper_coarse_solvers_take_fewer_evaluations_a_sweep()
    {
        var sampling = ParallelRuns.Sampling("ddim", 49);
        var evaluations = new List<double>();
        foreach (var coarse in (string[])["network", "cached", "forecast"])
        {
            var (_, use) = await ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, "parareal", ("tolerance", 0), ("coarse", coarse)), new FixedWindow(49));
            evaluations.Add(use.Rounds / (double)use.Iterations);
        }
        Assert.True(evaluations[0] > evaluations[1] && evaluations[1] > evaluations[2], string.Join(", ", evaluations));
    }

    [Theory]
    [InlineData(8, 17)]
    [InlineData(6, 19)]
    [InlineData(4, 21)]
    public async Task Cores_reach_the_end_when_the_published_schedule_says(int cores, int rounds)
    {
        // Core k, from 0, begins in round k and then takes a step a round.
        var sampling = ParallelRuns.Sampling("ddim", 50);
        var (result, use) = await ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, "chords", ("cores", cores), ("take", 1)), new FixedWindow(cores));
        Assert.Equal(rounds, use.Rounds);
        Assert.InRange(ParallelRuns.Difference(result, await ParallelRuns.PlainAsync(sampling)), 0, 0.1);
    }

    private static Task<(float[] Result, ParallelUse Use)> AndersonAsync(SamplingPlan sampling, int memory, ulong seed, Func<ParallelContext, ParallelContext>? with = null) =>
        ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, "parataa", ("order", Steps), ("memory", memory)), new FixedWindow(Steps), seed, with);

    private static MixtureDenoiser Similar() => new(GoldenFiles.All.First(file => file.Family == "paradigms").Mixture("C"));
}

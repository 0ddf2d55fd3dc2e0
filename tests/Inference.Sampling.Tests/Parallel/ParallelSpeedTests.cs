using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Sampling.Tests;

/// <summary>How many iterations the methods need: counts are exact on analytic models.</summary>
public sealed class ParallelSpeedTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-3;

    [Theory]
    [InlineData("ddim", 50)]
    [InlineData("ddim", 100)]
    [InlineData("euler", 100)]
    [InlineData("ddpm", 100)]
    public async Task Anderson_needs_fewer_iterations_than_Picard_and_a_warm_start_fewer_again(string sampler, int steps)
    {
        var (picard, anderson, warm) = (0, 0, 0);
        foreach (var seed in (ulong[])[1, 2, 3, 4])
        {
            var sampling = ParallelRuns.Sampling(sampler, steps);
            var plain = await ParallelRuns.PlainAsync(sampling, seed);
            var plan = ParallelRuns.Plan(sampling, "parataa", ("tolerance", Tolerance));
            var former = new StatesOfRun(steps, ParallelRuns.Shape);
            var budget = new FixedWindow(steps);
            var (byPicard, plainUse) = await ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, "picard", ("tolerance", Tolerance)), budget, seed);
            var (byAnderson, use) = await ParallelRuns.RunAsync(sampling, plan, budget, seed, context => context with { Keep = former });
            var (_, warmUse) = await ParallelRuns.RunAsync(sampling, plan, budget, seed, context => context with { Former = former, Denoiser = new MixtureDenoiser(Similar) });
            output.WriteLine($"{sampler} {steps}: {plainUse.Iterations} {use.Iterations} {warmUse.Iterations} off {ParallelRuns.Difference(byPicard, plain):g2} {ParallelRuns.Difference(byAnderson, plain):g2}");
            (picard, anderson, warm) = (picard + plainUse.Iterations, anderson + use.Iterations, warm + warmUse.Iterations);
        }
        Assert.True(anderson < picard, $"{anderson} against {picard}");
        Assert.True(warm < anderson, $"{warm} against {anderson}");
    }

    private static GaussianMixture Similar => GoldenFiles.All.First(file => file.Family == "paradigms").Mixture("C");
}

using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>At tolerance 0 a parallel run is the plain run, whatever the method, the sampler, the model and the widths.</summary>
public sealed class ParallelExactnessTests
{
    private const double Rounding = 1e-5;

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var method in ParallelRuns.Exact)
                foreach (var sampler in SamplerSubjects.All.Where(sampler => sampler.AllowsParallelWindow && (method.AllowsNoise || !sampler.IsStochastic)))
                    pairs.Add(method.Id, sampler.Id);
            return pairs;
        }
    }

    public static TheoryData<string> Methods => [.. ParallelRuns.Exact.Select(method => method.Id)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Tolerance_zero_gives_the_plain_run_in_at_most_as_many_iterations(string method, string sampler)
    {
        foreach (var sampling in SamplerSubjects.Plans(sampler, 24))
        {
            var plain = await ParallelRuns.PlainAsync(sampling);
            foreach (var width in (int[])[1, 3, 8, 24])
            {
                var (result, use) = await ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, method, ("tolerance", 0.0)), new FixedWindow(width));
                Assert.InRange(ParallelRuns.Difference(result, plain), 0, Rounding);
                Assert.InRange(use.Iterations, 1, 24);
                Assert.Equal(use.Iterations, use.Windows.Count);
                Assert.All(use.Windows, window => Assert.True(window.Begin >= 0 && window.Begin < window.End && window.End <= 24));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Any_schedule_of_widths_and_any_cancellation_before_lead_to_the_same_result(string method)
    {
        var sampler = ParallelMethods.Find(method)!.AllowsNoise ? "ddpm" : "ddim";
        for (var seed = 1; seed <= 25; seed++)
        {
            var random = new Random(seed);
            var sampling = ParallelRuns.Sampling(sampler, random.Next(1, 40));
            var plan = ParallelRuns.Plan(sampling, method, ("tolerance", 0.0));
            var plain = await ParallelRuns.PlainAsync(sampling, (ulong)seed);

            // A run that is cancelled leaves nothing behind for the next.
            using var stop = new CancellationTokenSource();
            var left = random.Next(1, 20);
            var cancelling = new ContractDenoiser(ParallelRuns.Mixture) { Evaluated = count => { if (count == left) stop.Cancel(); } };
            var steps = sampling.Trajectory.Steps.Length;
            try
            {
                await ParallelRuns.RunAsync(sampling, plan, new RandomBudget(seed, steps), (ulong)seed, context => context with { Denoiser = cancelling }, stop.Token);
                Assert.True(cancelling.Evaluations <= left + steps, "A cancelled run went on.");
            }
            catch (OperationCanceledException)
            {
                Assert.True(stop.IsCancellationRequested);
            }

            var (result, use) = await ParallelRuns.RunAsync(sampling, plan, new RandomBudget(seed + 1000, steps), (ulong)seed);
            Assert.InRange(ParallelRuns.Difference(result, plain), 0, Rounding);
            Assert.InRange(use.Iterations, 1, steps);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Tells_of_every_step_once_and_in_order(string method)
    {
        var sampling = ParallelRuns.Sampling("ddim", 20);
        foreach (var tolerance in (double[])[0, 0.05])
        {
            var watch = new Watch();
            await ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, method, ("tolerance", tolerance)), new FixedWindow(7), with: context => context with { Observer = watch });
            Assert.Equal(Enumerable.Range(0, 20), watch.Steps);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task No_group_is_wider_than_its_budget_and_all_are_counted(string method)
    {
        var sampling = ParallelRuns.Sampling("ddim", 30);
        var groups = new GroupDenoiser();
        var (_, use) = await ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, method), new FixedWindow(5), with: context => context with { Denoiser = groups });
        Assert.All(groups.Sizes, size => Assert.InRange(size, 1, 5));
        Assert.Equal(groups.Sizes.Count, use.Rounds);
        Assert.Equal(groups.Sizes.Sum(), use.Evaluations);
    }

    private sealed class Watch : ISamplingObserver
    {
        public List<int> Steps { get; } = [];

        public void OnState(int step, int stage, Latent x, Latent clean) => Steps.Add(step);
    }

    private sealed class GroupDenoiser : IDenoiser
    {
        private readonly MixtureDenoiser _denoiser = new(ParallelRuns.Mixture);

        public List<int> Sizes { get; } = [];

        public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken) => throw new InvalidOperationException("Not as a group.");

        public ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
        {
            Sizes.Add(group.Length);
            return _denoiser.DenoiseAsync(group, cancellationToken);
        }
    }
}

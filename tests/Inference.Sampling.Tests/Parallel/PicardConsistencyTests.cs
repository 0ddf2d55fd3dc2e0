using Inference.TestKit;

namespace Inference.Sampling.Tests;

/// <summary>Picard consistency models on a constructed pair: the second model knows the fixed point.</summary>
public sealed class PicardConsistencyTests
{
    private const int Steps = 50;

    [Fact]
    public async Task A_model_that_leads_to_the_fixed_point_saves_iterations_and_changes_no_result()
    {
        // Over σ the drift is the noise alone, so one Picard step with the noise of the fixed point lands on it.
        var sampling = ParallelRuns.Sampling("euler", Steps);
        var plain = await ParallelRuns.PlainAsync(sampling);
        var known = new FixedPointDenoiser();
        await ParallelRuns.PlainAsync(sampling, denoiser: known);

        var (_, picard) = await ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, "picard"), new FixedWindow(Steps));
        var (result, pair) = await RunAsync(sampling, known.Learnt(), ("tolerance", 0.1));
        Assert.True(pair.Iterations <= 0.4 * picard.Iterations, $"{pair.Iterations} against {picard.Iterations}");
        Assert.InRange(ParallelRuns.Difference(result, plain), 0, 0.02);
    }

    [Fact]
    public async Task Even_a_model_that_knows_nothing_leaves_the_result_at_tolerance_zero()
    {
        foreach (var seed in (int[])[1, 2, 3])
        {
            var sampling = ParallelRuns.Sampling("ddim", 24);
            var (result, use) = await ParallelRuns.RunAsync(
                sampling, ParallelRuns.Plan(sampling, "pcm", ("tolerance", 0), ("iterations", 3)), new RandomBudget(seed, 24), with: context => context with { Consistency = new ZeroDenoiser() });
            Assert.InRange(ParallelRuns.Difference(result, await ParallelRuns.PlainAsync(sampling)), 0, 1e-5);
            Assert.InRange(use.Iterations, 1, 24);
        }
    }

    [Fact]
    public async Task No_state_is_taken_that_the_second_model_had_a_part_in()
    {
        var sampling = ParallelRuns.Sampling("ddim", Steps);
        var plain = await ParallelRuns.PlainAsync(sampling);
        foreach (var width in (int[])[2, 5, 11, Steps])
        {
            var (result, _) = await ParallelRuns.RunAsync(
                sampling, ParallelRuns.Plan(sampling, "pcm", ("tolerance", 0.01), ("iterations", 4)), new FixedWindow(width), with: context => context with { Consistency = new ZeroDenoiser() });
            Assert.InRange(ParallelRuns.Difference(result, plain), 0, 0.005);
        }
    }

    [Fact]
    public void A_model_without_a_pair_is_refused()
    {
        var sampling = ParallelRuns.Sampling("ddim", 24);
        var refused = Assert.Throws<SamplingOptionException>(() => ParallelMethods.Plan(new("pcm", new Dictionary<string, object>()), sampling, GuidanceOptions.None, hasConsistencyModel: false));
        Assert.Equal("parallel", refused.Parameter);
        Assert.Contains("picard_consistency", refused.Message);
    }

    private static Task<(float[] Result, ParallelUse Use)> RunAsync(SamplingPlan sampling, IDenoiser consistency, params (string, object)[] options) =>
        ParallelRuns.RunAsync(sampling, ParallelRuns.Plan(sampling, "pcm", options), new FixedWindow(Steps), with: context => context with { Consistency = consistency });

    /// <summary>Remembers what the base model predicted along the plain run, and then predicts that whatever it is asked.</summary>
    private sealed class FixedPointDenoiser : IDenoiser
    {
        private readonly MixtureDenoiser _denoiser = new(ParallelRuns.Mixture);
        private readonly Dictionary<double, float[]> _noise = [];
        private bool _isLearning = true;

        public FixedPointDenoiser Learnt()
        {
            _isLearning = false;
            return this;
        }

        public async ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
        {
            if (_isLearning)
            {
                await _denoiser.DenoiseAsync(x, level, clean, cancellationToken);
                using var epsilon = Latent.Rent(x.Shape);
                epsilon.Set((x - level.Alpha * clean) / level.Sigma);
                _noise[level.Timestep] = epsilon.Values.ToArray();
                return;
            }
            // The drift at the fixed point, from wherever it is asked.
            using var noise = Latent.From(x.Shape, _noise[level.Timestep]);
            clean.Set((x - level.Sigma * noise) / level.Alpha);
        }

        public async ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
        {
            for (var i = 0; i < group.Length; i++)
                await DenoiseAsync(group.Span[i].X, group.Span[i].Level, group.Span[i].Clean, cancellationToken);
        }
    }

    private sealed class ZeroDenoiser : IDenoiser
    {
        public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
        {
            clean.Values.Clear();
            return ValueTask.CompletedTask;
        }

        public async ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
        {
            for (var i = 0; i < group.Length; i++)
                await DenoiseAsync(group.Span[i].X, group.Span[i].Level, group.Span[i].Clean, cancellationToken);
        }
    }
}

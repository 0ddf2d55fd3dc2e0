namespace Inference.Sampling.Tests;

/// <summary>Caches decide by position: every evaluation of a run with steps of its own has one, and no two have the same.</summary>
public sealed class SamplerPositionTests
{
    public static TheoryData<string> Ids => [.. SamplerSubjects.All.Where(sampler => sampler is { EvaluationsPerStep: > 0, TakesOwnSteps: false }).Select(sampler => sampler.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Evaluations_HavePositionsOfTheirOwn_InOrder(string id)
    {
        foreach (var plan in SamplerSubjects.Plans(id, 12))
        {
            var positions = await PositionsAsync(plan);
            Assert.Equal(positions.Order(), positions);
            Assert.Equal(positions.Distinct(), positions);
            Assert.All(positions, position => Assert.InRange(position.Step, 0, plan.Trajectory.Steps.Length - 1));
            // What is reserved for a run: features for so many evaluations a step.
            Assert.All(positions, position => Assert.InRange(position.Stage, 0, Math.Max(1, plan.Sampler.EvaluationsPerStep) - 1));
        }
    }

    private static async Task<List<(int Step, int Stage)>> PositionsAsync(SamplingPlan plan)
    {
        var recorder = new Recorder();
        using var x = Latent.Rent(new(1, 2, 2));
        new PhiloxNoise(1).Fill(0, x);
        await plan.Integrator.SampleAsync(recorder, x, plan.Trajectory, new PhiloxNoise(1), NullObserver.Instance, default);
        return recorder.Positions;
    }

    private sealed class Recorder : IDenoiser
    {
        public List<(int Step, int Stage)> Positions { get; } = [];

        public ValueTask DenoiseAsync(Latent x, NoiseLevel level, Latent clean, CancellationToken cancellationToken)
        {
            Positions.Add((level.Step, level.Stage));
            clean.Set(0.1 * x);
            return ValueTask.CompletedTask;
        }

        public async ValueTask DenoiseAsync(ReadOnlyMemory<DenoiseQuery> group, CancellationToken cancellationToken)
        {
            for (var i = 0; i < group.Length; i++)
                await DenoiseAsync(group.Span[i].X, group.Span[i].Level, group.Span[i].Clean, cancellationToken);
        }
    }
}

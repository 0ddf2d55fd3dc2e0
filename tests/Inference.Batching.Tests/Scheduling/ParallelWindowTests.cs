using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Batching.Tests;

/// <summary>Windows that follow the load, with the real sampler and the real rules in virtual time on a device of 6 ms + 0.2 ms a row.</summary>
public sealed class ParallelWindowTests
{
    private static readonly ParallelRequest Picard = new("picard", new Dictionary<string, object>());

    private static readonly GaussianMixture Mixture = new([0.4, 0.6], [[.. Enumerable.Repeat(0.7, 16)], [.. Enumerable.Repeat(-0.4, 16)]], [0.3, 0.5]);

    [Fact]
    public void Idle_TheRequestIsDoneInLessThanSixtyPercentOfTheTime()
    {
        var plain = new ParallelScenario(SimulatedCost.Batching).Run(Mixture);
        var parallel = new ParallelScenario(SimulatedCost.Batching) { Parallel = Picard }.Run(Mixture);
        Assert.Equal(50 * 6.4, plain.ParallelLatency, 0.1);
        Assert.Equal(16, parallel.Widest);
        Assert.True(parallel.ParallelLatency <= 0.6 * plain.ParallelLatency, $"{parallel.ParallelLatency} against {plain.ParallelLatency} ms");
    }

    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(24)]
    public void UnderFullLoad_TheOthersDoNotNotice(int others)
    {
        var scenario = new ParallelScenario(SimulatedCost.Batching) { Others = others };
        var plain = scenario.Run(Mixture);
        var parallel = (scenario with { Parallel = Picard }).Run(Mixture);
        Assert.InRange(parallel.RequestsPerSecond, 0.98 * plain.RequestsPerSecond, 1.02 * plain.RequestsPerSecond);
        Assert.InRange(parallel.Latency95, 0, 1.02 * plain.Latency95);
    }

    [Fact]
    public void AWaitingRow_IsHeldUpByOneBatchAtMost()
    {
        // Single rows come at any moment of a wide request's run; each is in a batch as soon as the one under way has ended.
        var longest = SimulatedCost.Batching.Of(32);
        for (var offset = 0; offset < 60; offset++)
        {
            var simulation = new ServingSimulation(SimulatedCost.Batching, new() { MaxRows = 32 });
            var single = new SimulatedRequest { Arrival = TimeSpan.FromMilliseconds(0.7 * offset), Steps = 1, RowsPerPicture = 1 };
            var wide = new SimulatedRequest
            {
                Program = async lane =>
            {
                for (var left = 200; left > 0;)
                {
                    var width = Math.Min(left, lane.Width(2));
                    await lane.EvaluateAsync(2 * width);
                    left -= width;
                }
            }
            };
            simulation.Run([wide, single]);
            var own = SimulatedCost.Batching.Of(32);
            Assert.InRange(single.Finished!.Value - single.Arrival, TimeSpan.Zero, longest + own);
        }
    }
}

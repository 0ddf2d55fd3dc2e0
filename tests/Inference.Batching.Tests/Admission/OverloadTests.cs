using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Batching.Tests;

/// <summary>Three times more load than a simulated device can serve, in virtual time.</summary>
public sealed class OverloadTests(ITestOutputHelper output)
{
    // Very large requests, and not in the same share of every run: then goodput can be compared in rows only.
    [Theory]
    [InlineData(0)]
    [InlineData(0.003)]
    public void ThreeTimesTheCapacity_IsServedLikePeakLoad(double largeShare)
    {
        var scenario = new OverloadScenario { LargeShare = largeShare };
        var capacity = scenario.Capacity();
        var peak = new[] { 0.8, 0.9, 1.0, 1.1, 1.2 }.Select(factor => scenario.Run(factor * capacity)).ToArray();
        var overload = scenario.Run(3 * capacity);
        var (bestGoodput, bestRows) = (peak.Max(run => run.Goodput), peak.Max(run => run.RowGoodput));
        output.WriteLine($"capacity {capacity:F1}/s; goodput {overload.Goodput:F1}/s against {bestGoodput:F1}/s ({overload.Goodput / bestGoodput:P1}), rows {overload.RowGoodput:F0}/s against {bestRows:F0}/s ({overload.RowGoodput / bestRows:P1})");
        output.WriteLine($"p99 {overload.Latency99.TotalSeconds:F2} s of {OverloadScenario.Timeout.TotalSeconds} s; {overload.Requests.Count} requests, {overload.Refused} refused, {overload.Dropped} dropped; largest queue {overload.LargestQueue.TotalSeconds:F2} s");
        var ratios = overload.RetryAfterRatios;
        output.WriteLine($"{ratios.Count} Retry-After of 2 s and more; would have been let in after {ratios.DefaultIfEmpty(0).Min():F2} to {ratios.DefaultIfEmpty(0).Max():F2} of it");
        Assert.True(largeShare > 0 || overload.Goodput >= 0.95 * bestGoodput);
        Assert.True(overload.RowGoodput >= 0.95 * bestRows);
        Assert.True(overload.Latency99 <= OverloadScenario.Timeout);
        Assert.Equal(0, overload.LeftOpen);
        Assert.True(largeShare == 0 || ratios.Count >= 20);
        Assert.All(ratios, ratio => Assert.InRange(ratio, 0.5, 2));
    }
}

using Inference.TestKit;
using Xunit.Abstractions;

namespace Inference.Batching.Tests;

/// <summary>Sixteen clients with mixed requests on simulated devices.</summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    [Fact]
    public void DeviceThatGainsByBatching_ServesFourTimesAsMuch()
    {
        var (batched, single) = (ThroughputScenario.Run(SimulatedCost.Batching, 32, 400), ThroughputScenario.Run(SimulatedCost.Batching, 1, 400));
        output.WriteLine($"{batched}\n{single}");
        Assert.True(batched.RequestsPerSecond >= 4 * single.RequestsPerSecond);
        Assert.True(batched.Latency99 <= single.Latency99);
    }

    [Fact]
    public void DeviceThatGainsNothing_LosesNothing()
    {
        var (batched, single) = (ThroughputScenario.Run(SimulatedCost.Linear, 32, 400), ThroughputScenario.Run(SimulatedCost.Linear, 1, 400));
        output.WriteLine($"{batched}\n{single}");
        Assert.True(batched.RequestsPerSecond >= 0.999 * single.RequestsPerSecond);
        Assert.True(batched.Latency50 <= 1.05 * single.Latency50);
    }
}

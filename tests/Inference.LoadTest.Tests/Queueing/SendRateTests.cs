using Xunit.Abstractions;

namespace Inference.LoadTest.Tests;

/// <summary>The load test keeps its times at high rates.</summary>
public sealed class SendRateTests(ITestOutputHelper output)
{
    private const int Rate = 500;

    [Fact]
    public async Task FiveHundredASecond_NinetyNinePercentLeaveWithinFiveMilliseconds()
    {
        await using var server = await StubServer.StartAsync(StubServer.AnswerAsync);
        using var target = server.Target();
        await target.EnsureReachableAsync(CancellationToken.None);
        var load = Loads.Open(LoadTest.Arrivals.Constant(Rate, TimeSpan.FromSeconds(20)));
        var measured = await QuietMachine.MeasureAsync(4 * Rate, async attempt =>
        {
            var run = await LoadRunner.RunAsync(load, Mix.Default, attempt, target, TimeProvider.System, null, CancellationToken.None);
            Assert.Equal(20 * Rate, run.Measurements.Count(measurement => measurement.Failure is null && measurement.Sent >= measurement.Intended));
            var all = SendDelay.Of(run)!;
            output.WriteLine($"all {all.Sent}: p50 {all.P50 * 1000:F2} ms, p99 {all.P99 * 1000:F2} ms, {all.Within5Ms:P2} within 5 ms");
            return run.Measurements;
        });
        var within = measured.Count(measurement => measurement.Sent - measurement.Intended <= TimeSpan.FromMilliseconds(5)) / (double)measured.Count;
        output.WriteLine($"{measured.Count} in quiet seconds: {within:P2} within 5 ms");
        Assert.InRange(within, 0.99, 1);
    }
}

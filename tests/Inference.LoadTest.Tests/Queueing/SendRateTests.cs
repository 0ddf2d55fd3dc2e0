using Xunit.Abstractions;

namespace Inference.LoadTest.Tests;

/// <summary>The load test keeps its times at high rates.</summary>
public sealed class SendRateTests(ITestOutputHelper output)
{
    [Fact]
    public Task FiveHundredASecond_NinetyNinePercentLeaveWithinFiveMilliseconds() => QuietMachine.MeasureAsync(output, async () =>
    {
        await using var server = await StubServer.StartAsync(StubServer.AnswerAsync);
        using var target = server.Target();
        await target.EnsureReachableAsync(CancellationToken.None);
        var run = await LoadRunner.RunAsync(Loads.Open(LoadTest.Arrivals.Constant(500, TimeSpan.FromSeconds(20))), Mix.Default, 1, target, TimeProvider.System, null, CancellationToken.None);
        var delay = SendDelay.Of(run)!;
        output.WriteLine($"{delay.Sent} sent: p50 {delay.P50 * 1000:F2} ms, p99 {delay.P99 * 1000:F2} ms, max {delay.Max * 1000:F2} ms, {delay.Within5Ms:P2} within 5 ms");
        Assert.Equal(10_000, delay.Sent);
        Assert.All(run.Measurements, measurement => Assert.True(measurement.Sent >= measurement.Intended));
        Assert.InRange(delay.Within5Ms, 0.99, 1);
    });
}

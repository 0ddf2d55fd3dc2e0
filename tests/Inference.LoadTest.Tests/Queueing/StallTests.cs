using Xunit.Abstractions;

namespace Inference.LoadTest.Tests;

/// <summary>A server that stalls for 2 s: everyone who comes meanwhile waits. An open loop shows it; a closed loop stops asking and hides it.</summary>
public sealed class StallTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(2);

    [Fact]
    public void InVirtualTime_OpenLoopShowsTheStallInP99_ClosedLoopDoesNot()
    {
        var service = TimeSpan.FromMilliseconds(10);
        var duration = TimeSpan.FromSeconds(100);
        var open = Run(Loads.Open(LoadTest.Arrivals.Constant(20, duration)));
        var closed = Run(Loads.Closed(1, duration));

        // 40 of 2000 arrivals fall into the stall, waiting evenly 0 to 2 s (and the backlog of 10 ms each): the slowest 1 % are those above 1 s of a longest wait of 2.01 s.
        var openP99 = P99(open);
        var closedP99 = P99(closed);
        output.WriteLine($"open {open.Measurements.Count} requests p99 {openP99:F3} s, closed {closed.Measurements.Count} requests p99 {closedP99:F3} s");
        Assert.InRange(openP99, 1.1, 1.35);
        Assert.InRange(closedP99, 0.0099, 0.0101);
        Assert.Contains(ReportWarnings.For(Report(closed)), warning => warning.StartsWith("Closed loop", StringComparison.Ordinal));

        RunRecord Run(ILoad load)
        {
            var clock = new VirtualClock();
            return clock.Run(() => LoadRunner.RunAsync(load, Mix.Default, 1, new QueueTarget(clock, service, TimeSpan.FromSeconds(50), Stall), clock, null, CancellationToken.None));
        }
    }

    [Fact]
    public async Task OfARealServer_OpenLoopShowsTheStallInP99_ClosedLoopDoesNot()
    {
        await ClientWarmUp.RunAsync(CancellationToken.None);
        var open = await RunAsync(Loads.Open(LoadTest.Arrivals.Constant(50, TimeSpan.FromSeconds(12))));
        var closed = await RunAsync(Loads.Closed(2, TimeSpan.FromSeconds(12)));
        output.WriteLine($"open {open.Measurements.Count} requests p99 {P99(open):F3} s, closed {closed.Measurements.Count} requests p99 {P99(closed):F3} s");
        // 100 of 600 arrivals fall into the stall: the slowest 1 % are within 6/100 of its 2 s.
        Assert.InRange(P99(open), 1.7, 2.3);
        Assert.InRange(P99(closed), 0.004, 0.5);
        Assert.Contains(closed.Measurements, measurement => measurement.Latency > TimeSpan.FromSeconds(1.5));
    }

    private static async Task<RunRecord> RunAsync(ILoad load)
    {
        var started = TimeProvider.System.GetTimestamp();
        await using var server = await StubServer.StartAsync(async context =>
        {
            var at = TimeProvider.System.GetElapsedTime(started);
            if (at > TimeSpan.FromSeconds(5) && at < TimeSpan.FromSeconds(5) + Stall)
                await Task.Delay(TimeSpan.FromSeconds(5) + Stall - at);
            await Task.Delay(5);
            await StubServer.AnswerAsync(context);
        });
        using var target = server.Target();
        await target.EnsureReachableAsync(CancellationToken.None);
        return await LoadRunner.RunAsync(load, Mix.Default, 1, target, TimeProvider.System, null, CancellationToken.None);
    }

    private static double P99(RunRecord run) => Summaries.Of(run, null).Latency.Single(quantile => quantile.Share == 0.99).Seconds.Value;

    private static LoadReport Report(RunRecord run) => LoadReport.Of(run, new(new("http://x/v1/images/generations"), DateTimeOffset.UnixEpoch, "mix", 1, null));
}

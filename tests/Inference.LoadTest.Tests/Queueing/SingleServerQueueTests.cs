using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace Inference.LoadTest.Tests;

/// <summary>M/D/1: Poisson arrivals, fixed service time s, one server. Mean waiting ρ s / 2(1 − ρ) (Pollaczek and Khinchine; Kleinrock 1975, "Queueing Systems" I, 5.6).</summary>
public sealed class SingleServerQueueTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Service = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.7)]
    [InlineData(0.8)]
    public void Waiting_InVirtualTime_IsWithinTenPercentOfTheory(double utilisation)
    {
        var clock = new VirtualClock();
        var rate = utilisation / Service.TotalSeconds;
        var load = Loads.Open(LoadTest.Arrivals.Poisson(rate, TimeSpan.FromSeconds(60_000 / rate)));
        var run = clock.Run(() => LoadRunner.RunAsync(load, Mix.Default, 1, new QueueTarget(clock, Service), clock, null, CancellationToken.None));
        var waiting = run.Measurements.Average(measurement => measurement.Latency.TotalSeconds) - Service.TotalSeconds;
        var theory = utilisation * Service.TotalSeconds / (2 * (1 - utilisation));
        output.WriteLine($"ρ {utilisation}: {run.Measurements.Count} requests, waiting {waiting * 1000:F2} ms, theory {theory * 1000:F2} ms, {waiting / theory - 1:P1}");
        Assert.InRange(run.Measurements.Count, 58_000, 62_000);
        Assert.InRange(waiting / theory, 0.9, 1.1);
        Assert.Equal(run.Measurements.Count, Summaries.Of(run, null).Succeeded);
    }

    [Fact]
    public async Task Waiting_OfARealServer_IsWithinTwentyPercentOfTheory()
    {
        const double Utilisation = 0.6;
        const int Queues = 8;
        var time = TimeProvider.System;
        var free = new ConcurrentDictionary<string, long>();
        using var sleeping = new SleepingServer();
        await using var server = await StubServer.StartAsync(async context =>
        {
            var begin = time.GetTimestamp();
            await sleeping.WaitUntilAsync(free.AddOrUpdate(context.Request.Path, begin + Ticks(Service), (_, last) => Math.Max(begin, last) + Ticks(Service)));
            await StubServer.AnswerAsync(context);
        });
        var load = Loads.Open(LoadTest.Arrivals.Poisson(Utilisation / Service.TotalSeconds, TimeSpan.FromSeconds(25)));
        // Independent queues side by side: as many samples as one would give in minutes.
        var measured = await QuietMachine.MeasureAsync(1200, async attempt => [.. (await Task.WhenAll(Enumerable.Range(attempt * Queues, Queues).Select(async queue =>
        {
            using var target = server.Target(path: $"/q{queue}");
            return await LoadRunner.RunAsync(load, Mix.Default, queue, target, time, null, CancellationToken.None);
        }))).SelectMany(run => run.Measurements)]);
        Assert.All(measured, measurement => Assert.Null(measurement.Failure));
        var waiting = measured.Average(measurement => measurement.Latency.TotalSeconds) - Service.TotalSeconds;
        var theory = Utilisation * Service.TotalSeconds / (2 * (1 - Utilisation));
        output.WriteLine($"{measured.Count} requests, waiting {waiting * 1000:F2} ms, theory {theory * 1000:F2} ms, {waiting / theory - 1:P1}");
        Assert.InRange(waiting / theory, 0.8, 1.2);

        static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * TimeProvider.System.TimestampFrequency);
    }
}

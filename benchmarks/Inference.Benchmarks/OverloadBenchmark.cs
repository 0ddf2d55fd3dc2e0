using System.Globalization;
using System.Text;
using Inference.TestKit;

namespace Inference.Benchmarks;

/// <summary>Three times the load that can be served, open loop: gated on the simulated device, reported for the real one.</summary>
internal static class OverloadBenchmark
{
    private const int TimeoutMilliseconds = 15_000;

    public static async Task<int> RunAsync(string folder, TimeSpan length)
    {
        var report = new StringBuilder($"# Overload\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- overload benchmarks/results {length.TotalSeconds}\n\nOpen loop, Poisson arrivals, deadline 15 s, queue of 5 s of work.\n\n");
        var failures = Simulated(report);
        await RealAsync(report, length);
        await Reports.WriteAsync(folder, "overload.md", report);
        return Reports.Verdict(failures);
    }

    private static List<string> Simulated(StringBuilder report)
    {
        report.Append("Simulated device, 6 ms + 0.2 ms a row, 60 s of virtual time:\n\n| large requests | goodput, requests/s | in rows/s | p99 of admitted, s | refused | dropped | Retry-After >= 2 s | let in after, over Retry-After |\n|---|---|---|---|---|---|---|---|\n");
        var failures = new List<string>();
        foreach (var share in new[] { 0, 0.003 })
        {
            var scenario = new OverloadScenario { LargeShare = share };
            var capacity = scenario.Capacity();
            var peak = new[] { 0.8, 0.9, 1.0, 1.1, 1.2 }.Select(factor => scenario.Run(factor * capacity)).ToArray();
            var run = scenario.Run(3 * capacity);
            var (goodput, rows) = (run.Goodput / peak.Max(other => other.Goodput), run.RowGoodput / peak.Max(other => other.RowGoodput));
            var ratios = run.RetryAfterRatios;
            var range = ratios.Count == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{ratios.Min():F2} to {ratios.Max():F2}");
            report.Append(CultureInfo.InvariantCulture, $"| {share:P1} | {run.Goodput:F1} ({goodput:P1} of peak) | {run.RowGoodput:F0} ({rows:P1}) | {run.Latency99.TotalSeconds:F2} | {run.Refused} of {run.Requests.Count} | {run.Dropped} | {ratios.Count} | {range} |\n");
            if (rows < 0.95 || (share == 0 && goodput < 0.95))
                failures.Add("goodput is below 95 % of peak");
            if (run.Latency99 > OverloadScenario.Timeout)
                failures.Add("p99 of admitted requests is beyond the deadline");
            if (run.LeftOpen != 0 || ratios.Any(ratio => ratio is < 0.5 or > 2))
                failures.Add("something stayed open, or a Retry-After was wrong by more than a factor of 2");
        }
        return failures;
    }

    private static async Task RealAsync(StringBuilder report, TimeSpan length)
    {
        using var server = await ServerUnderTest.StartAsync("--Inference:Queue:MaxQueuedSeconds=5", "--Inference:Batching:CostDirectory=");
        await server.ReadyAsync();
        var address = server.Client.BaseAddress!;
        var peak = await LoadTestTool.RunAsync(address, MixedRequests.Mix(TimeoutMilliseconds), "--concurrency", "16", "--duration", Seconds(length / 3));
        using var cancel = new CancellationTokenSource();
        var memory = WatchMemoryAsync(server, cancel.Token);
        var run = await LoadTestTool.RunAsync(address, MixedRequests.Mix(TimeoutMilliseconds), "--rate", (3 * peak.Throughput).ToString("F3", CultureInfo.InvariantCulture), "--duration", Seconds(length));
        await cancel.CancelAsync();
        var resident = await memory;
        report.Append(CultureInfo.InvariantCulture, $"\nEmbedded model on {Machine.Describe()}, `inference loadtest`, {length.TotalSeconds:F0} s at three times a peak of {peak.Throughput:F2} requests/s (16 clients, closed loop):\n\n| sent | served | served/s over peak | 429 | other failures | p50 ms | p99 ms | resident MiB after a third (end) |\n|---|---|---|---|---|---|---|---|\n")
            .Append(CultureInfo.InvariantCulture, $"| {run.Requests} | {run.Succeeded} | {run.Throughput / peak.Throughput:F3} | {run.Failures("http 429")} | {run.Requests - run.Succeeded - run.Failures("http 429")} | {1000 * run.Latency(0.5):F0} | {1000 * run.Latency(0.99):F0} | {resident[resident.Count / 3]:F0} ({resident[^1]:F0}) |\n");
    }

    private static string Seconds(TimeSpan length) => string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds}s");

    private static async Task<List<double>> WatchMemoryAsync(ServerUnderTest server, CancellationToken stop)
    {
        var resident = new List<double>();
        do
            resident.Add(server.ResidentMegabytes);
        while (!await Task.Delay(500, stop).ContinueWith(task => task.IsCanceled, CancellationToken.None));
        return resident;
    }
}

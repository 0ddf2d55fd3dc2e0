using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
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
        var mix = new MixedRequests(11);
        var capacity = await CapacityAsync(server, mix, length / 3);
        var answers = new ConcurrentBag<(HttpStatusCode Status, double Milliseconds, double RetryAfter)>();
        var sent = new List<Task>();
        var (started, middle) = (Stopwatch.GetTimestamp(), 0.0);
        for (var next = TimeSpan.Zero; next < length; next += mix.Wait(3 * capacity))
        {
            var wait = next - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            if (middle == 0 && next > length / 3)
                middle = server.ResidentMegabytes;
            sent.Add(SendAsync(server.Client, mix.Next(), answers));
        }
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var end = server.ResidentMegabytes;
        await Task.WhenAll(sent);
        var served = answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer.Milliseconds).ToArray();
        var waits = answers.Where(answer => answer.RetryAfter > 0).Select(answer => answer.RetryAfter).ToArray();
        report.Append(CultureInfo.InvariantCulture, $"\nEmbedded model on {Machine.Describe()}, {length.TotalSeconds:F0} s at three times a capacity of {capacity:F2} requests/s (16 clients, closed loop):\n\n| sent | served | served/s over capacity | 429 | 504 | p50 ms | p99 ms | Retry-After, median (most), s | resident MiB after a third (end) |\n|---|---|---|---|---|---|---|---|---|\n")
            .Append(CultureInfo.InvariantCulture, $"| {answers.Count} | {served.Length} | {served.Length / Math.Max(elapsed, length.TotalSeconds) / capacity:F3} | {answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests)} | {answers.Count(answer => answer.Status == HttpStatusCode.GatewayTimeout)} | {Percentiles.Of(served, 0.5):F0} | {Percentiles.Of(served, 0.99):F0} | {Percentiles.Of(waits, 0.5):F0} ({Percentiles.Of(waits, 1):F0}) | {middle:F0} ({end:F0}) |\n");
    }

    private static async Task<double> CapacityAsync(ServerUnderTest server, MixedRequests mix, TimeSpan length)
    {
        var answers = new ConcurrentBag<(HttpStatusCode Status, double, double)>();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                Dictionary<string, object> body;
                lock (mix)
                    body = mix.Next();
                await SendAsync(server.Client, body, answers);
                // Refusals come at once; a client that came back at once would take the cores from the server.
                await Task.Delay(20);
            }
        }));
        return answers.Count(answer => answer.Status == HttpStatusCode.OK) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task SendAsync(HttpClient client, Dictionary<string, object> body, ConcurrentBag<(HttpStatusCode, double, double)> answers)
    {
        body["timeout_ms"] = TimeoutMilliseconds;
        var started = Stopwatch.GetTimestamp();
        using var response = await client.PostAsJsonAsync("/v1/images/generations", body);
        await response.Content.ReadAsByteArrayAsync();
        answers.Add((response.StatusCode, Stopwatch.GetElapsedTime(started).TotalMilliseconds, response.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0));
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Inference.TestKit;

namespace Inference.Benchmarks;

/// <summary>Sixteen clients with mixed requests against two servers that differ in one setting: batching, and one request's rows a call. Rounds alternate, so
/// that both arms see the same machine. Fails unless batches really mixed samplers and timesteps.</summary>
internal static class ThroughputBenchmark
{
    private const int Clients = 16;

    public static async Task<int> RunAsync(string folder, int rounds, int requestsPerRound)
    {
        var costs = Path.Combine(Path.GetTempPath(), $"costs-{Guid.NewGuid():N}");
        using var batched = await ServerUnderTest.StartAsync($"--Inference:Batching:CostDirectory={costs}");
        await batched.ReadyAsync();
        using var single = await ServerUnderTest.StartAsync("--Inference:Batching:CostDirectory=", "--Inference:Batching:MaxRows=1", "--Inference:Batching:CostBudgetMilliseconds=0");
        await single.ReadyAsync();
        var arms = new[] { new Arm("batched", batched.Client), new Arm("one request's rows a call", single.Client) };
        foreach (var arm in arms)
            await arm.RunAsync(-1, Clients, counted: false);
        var before = await Scraped.ReadAsync(batched.Client);
        for (var round = 0; round < rounds; round++)
            foreach (var arm in round % 2 == 0 ? arms : arms.Reverse())
                await arm.RunAsync(round, requestsPerRound, counted: true);
        var after = await Scraped.ReadAsync(batched.Client);

        double Grown(string name, string label = "") => after.Sum(name, label) - before.Sum(name, label);
        var batches = Grown("inference_batch_samplers_count");
        var samplers = batches - Grown("inference_batch_samplers_bucket", "le=\"2\"");
        var timesteps = batches - Grown("inference_batch_timesteps_bucket", "le=\"2\"");
        var allowed = Allowed(costs);
        Directory.Delete(costs, recursive: true);
        var gain = arms[0].Rate / arms[1].Rate;

        var report = new StringBuilder($"# Throughput\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- throughput benchmarks/results {rounds}\n\n{Machine.Describe()}. {Clients} clients, samplers euler, dpmpp-2m, unipc, deis, heun, 8-30 steps, guidance 1-7; {rounds} alternating rounds of {requestsPerRound} requests an arm.\n\n| arm | requests/s | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|\n");
        foreach (var arm in arms)
            report.Append(CultureInfo.InvariantCulture, $"| {arm.Name} | {arm.Rate:F2} | {Percentiles.Of(arm.Latencies, 0.5):F0} | {Percentiles.Of(arm.Latencies, 0.95):F0} | {Percentiles.Of(arm.Latencies, 0.99):F0} |\n");
        report.Append(CultureInfo.InvariantCulture, $"\nMean rows a batch {Grown("inference_batch_rows_sum") / Grown("inference_batch_rows_count"):F2}. Of {batches} batches {samplers} mixed three or more samplers, {timesteps} three or more timesteps.\nGain {gain:F3}; the measured cost curve allows {allowed:F3} (best rows/s over those of a pair): {gain / allowed:F3} of it (goal >= 0.9; gain >= 1).\n\nSimulated device, 6 ms + 0.2 ms a row, virtual time:\n\n| largest batch | requests/s | mean rows | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|---|\n");
        var simulated = new[] { 32, 1 }.Select(rows => (Rows: rows, Result: ThroughputScenario.Run(SimulatedCost.Batching, rows, 1000))).ToArray();
        foreach (var (rows, result) in simulated)
            report.Append(CultureInfo.InvariantCulture, $"| {rows} | {result.RequestsPerSecond:F2} | {result.MeanRows:F2} | {result.Latency50:F0} | {result.Latency95:F0} | {result.Latency99:F0} |\n");
        var simulatedGain = simulated[0].Result.RequestsPerSecond / simulated[1].Result.RequestsPerSecond;
        report.Append(CultureInfo.InvariantCulture, $"\nGain {simulatedGain:F2} (goal >= 4).\n");
        await Reports.WriteAsync(folder, "throughput.md", report);
        var failures = new List<string>();
        if (samplers < 1 || timesteps < 1)
            failures.Add("no batch mixed three samplers and three timesteps");
        if (gain < 0.9 * allowed || gain < 1)
            failures.Add("the gain misses its goal");
        if (simulatedGain < 4)
            failures.Add("the gain on the simulated device misses its goal");
        return Reports.Verdict(failures);
    }

    // Best rows/s over rows/s of a pair, from the curve the server measured at warm-up.
    private static double Allowed(string costs)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Directory.GetFiles(costs, "*.json").Single()));
        var points = document.RootElement.GetProperty("Curves")[0].GetProperty("Points").EnumerateArray()
            .ToDictionary(point => point.GetProperty("Rows").GetInt32(), point => point.GetProperty("Milliseconds").GetDouble());
        Console.WriteLine(string.Join(", ", points.Select(point => $"{point.Key} rows {point.Value:F2} ms")));
        return points.Max(point => point.Key / point.Value) / (2 / points[2]);
    }

    private sealed class Arm(string name, HttpClient client)
    {
        private double _seconds;

        public string Name { get; } = name;

        public List<double> Latencies { get; } = [];

        public double Rate => Latencies.Count / _seconds;

        public async Task RunAsync(int round, int requests, bool counted)
        {
            var mix = new MixedRequests(round);
            var queue = new ConcurrentQueue<Dictionary<string, object>>(Enumerable.Range(0, requests).Select(_ => mix.Next()));
            var started = Stopwatch.GetTimestamp();
            var latencies = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => ClientAsync(queue)));
            if (!counted)
                return;
            _seconds += Stopwatch.GetElapsedTime(started).TotalSeconds;
            Latencies.AddRange(latencies.SelectMany(list => list));
        }

        private async Task<List<double>> ClientAsync(ConcurrentQueue<Dictionary<string, object>> queue)
        {
            var latencies = new List<double>();
            while (queue.TryDequeue(out var body))
            {
                var started = Stopwatch.GetTimestamp();
                using var response = await client.PostAsJsonAsync("/v1/images/generations", body);
                response.EnsureSuccessStatusCode();
                latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
            return latencies;
        }
    }
}

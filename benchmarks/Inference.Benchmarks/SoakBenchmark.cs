using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;

namespace Inference.Benchmarks;

/// <summary>Mixed load with random disconnects, then silence: nothing may stay behind.</summary>
internal static class SoakBenchmark
{
    private const int Clients = 12;
    private static readonly string[] MustBeZero = ["inference_lanes_open", "inference_pictures_running", "inference_requests_waiting", "inference_queued_work_seconds", "inference_rows_waiting", "inference_requests_active", "inference_latents_outstanding"];

    public static async Task<int> RunAsync(string folder, TimeSpan length)
    {
        using var server = await ServerUnderTest.StartAsync();
        await server.ReadyAsync();
        // A first stretch lets pools and buffers reach their size.
        await LoadAsync(server.Client, length / 10, seed: 0);
        await SettleAsync(server.Client);
        var before = await Scraped.ReadAsync(server.Client);
        var memory = server.ResidentMegabytes;
        await LoadAsync(server.Client, length, seed: 100);
        await SettleAsync(server.Client);
        var after = await Scraped.ReadAsync(server.Client);

        var report = new StringBuilder("# Soak\n\n")
            .Append(CultureInfo.InvariantCulture, $"    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- soak benchmarks/results {length.TotalMinutes}\n\n{Machine.Describe()}. {length.TotalMinutes:F1} minutes, {Clients} clients, mixed requests, one in three disconnected at random.\n\n| | before | after |\n|---|---|---|\n")
            .Append(CultureInfo.InvariantCulture, $"| requests | {before.Sum("inference_requests_total")} | {after.Sum("inference_requests_total")} |\n| of them 499 | {before.Sum("inference_requests_total", "499")} | {after.Sum("inference_requests_total", "499")} |\n| network batches | {before.Sum("inference_batch_rows_count")} | {after.Sum("inference_batch_rows_count")} |\n| resident MiB | {memory:F0} | {server.ResidentMegabytes:F0} |\n");
        foreach (var name in (string[])[.. MustBeZero, "inference_pinned_bytes", "inference_pinned_objects", "inference_thread_pool_threads", "inference_gen2_collections"])
            report.Append(CultureInfo.InvariantCulture, $"| {name} | {before.Sum(name)} | {after.Sum(name)} |\n");
        await Reports.WriteAsync(folder, "soak.md", report);
        var failures = MustBeZero.Where(name => after.Sum(name) != 0).Select(name => $"{name} is {after.Sum(name)}").ToList();
        if (after.Sum("inference_pinned_objects") > before.Sum("inference_pinned_objects") + 64)
            failures.Add("pinned objects grew");
        // Buffers are kept for each batch size met, 1 to 33 rows of 57 KB.
        if (after.Sum("inference_pinned_bytes") > 40e6)
            failures.Add("pinned memory grew beyond what the batch sizes need");
        return Reports.Verdict(failures);
    }

    private static async Task LoadAsync(HttpClient client, TimeSpan length, int seed)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async i =>
        {
            var mix = new MixedRequests(seed + i);
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                using var gone = new CancellationTokenSource();
                if (mix.Uniform() < 1.0 / 3)
                    gone.CancelAfter(TimeSpan.FromSeconds(3 * mix.Uniform()));
                try
                {
                    using var response = await client.PostAsJsonAsync("/v1/images/generations", mix.Next(), gone.Token);
                    response.EnsureSuccessStatusCode();
                }
                catch (OperationCanceledException)
                {
                    // What the soak is about.
                }
            }
        }));
    }

    // The last disconnects reach the server a moment later.
    private static async Task SettleAsync(HttpClient client)
    {
        for (var i = 0; i < 100 && (await Scraped.ReadAsync(client)).Sum("inference_pictures_running") > 0; i++)
            await Task.Delay(100);
        await Task.Delay(500);
    }
}

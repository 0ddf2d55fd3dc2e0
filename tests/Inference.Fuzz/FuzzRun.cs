using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Inference.Fuzz;

/// <summary>Sends mutated requests and looks at every answer, and afterwards at what the server still holds.</summary>
public static class FuzzRun
{
    // Everything that may be loaded and cached has been by then.
    private const double WarmShare = 0.2;
    private const long MaxGrowth = 48 << 20;
    private static readonly string[] MustBeZero =
        ["inference_lanes_open", "inference_latents_outstanding", "inference_pictures_running", "inference_requests_waiting", "inference_requests_active", "inference_rows_waiting"];

    /// <summary>Runs it.</summary>
    /// <param name="options">How much.</param>
    /// <param name="progress">Receives a line now and then.</param>
    public static async Task<FuzzReport> RunAsync(FuzzOptions options, TextWriter progress)
    {
        await using var server = await FuzzServer.StartAsync();
        var requests = new Requests(options.Seed, [.. server.JsonEndpoints().Select(endpoint => (endpoint.Path, (IReadOnlyList<BodyField>)[.. endpoint.Fields.Select(field => new BodyField(field.Name, field.PropertyType))]))]);
        var (statuses, codes, findings) = (new ConcurrentDictionary<int, int>(), new ConcurrentDictionary<string, int>(), new ConcurrentQueue<string>());
        var (next, sent, warm, started) = (-1, 0, 0L, Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => Task.Run(WorkAsync)));
        var (leaks, heap) = (await LeaksAsync(server, findings), Heap());
        if (warm > 0 && heap - warm > MaxGrowth)
            findings.Enqueue($"the heap grew by {(heap - warm) >> 20} MiB");
        return new(sent, started.Elapsed, statuses, codes, FormattableString.Invariant($"{leaks}; heap {warm >> 20} MiB after {WarmShare:P0}, {heap >> 20} MiB at the end"), [.. findings]);

        async Task WorkAsync()
        {
            using var client = new RawClient(server.Address);
            while (Interlocked.Increment(ref next) is var index && index < options.Requests && started.Elapsed < options.Limit)
            {
                await TryAsync(client, index);
                var count = Interlocked.Increment(ref sent);
                if (count == (int)(options.Requests * WarmShare))
                    warm = Heap();
                if (count % 10_000 == 0)
                    await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{count} requests, {started.Elapsed.TotalSeconds:F0} s, {findings.Count} findings"));
            }
        }

        async Task TryAsync(RawClient client, int index)
        {
            var request = requests.Make(index);
            string? wrong, code = null;
            try
            {
                var response = await client.SendAsync(request);
                statuses.AddOrUpdate(response.Status, 1, static (_, count) => count + 1);
                wrong = Verdict.Of(request, response, out code);
            }
            catch (TimeoutException)
            {
                wrong = "no answer in time";
            }
            if (code is not null)
                codes.AddOrUpdate(code, 1, static (_, count) => count + 1);
            if (wrong is not null)
                findings.Enqueue($"request {index} of seed {options.Seed}: {wrong}\n    {Shorten(Encoding.Latin1.GetString(request.ToBytes()))}");
        }
    }

    private static async Task<string> LeaksAsync(FuzzServer server, ConcurrentQueue<string> findings)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        var held = "";
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var lines = (await http.GetStringAsync("/metrics")).Split('\n');
            held = string.Join(", ", MustBeZero.Select(name => lines.FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal))).Where(line => line?.EndsWith(" 0", StringComparison.Ordinal) != true));
            if (held.Length == 0)
                break;
            await Task.Delay(50);
        }
        if (held.Length > 0)
            findings.Enqueue($"still held: {held}");
        var ready = await http.GetAsync("/health/ready");
        if (!ready.IsSuccessStatusCode)
            findings.Enqueue($"not ready afterwards: {await ready.Content.ReadAsStringAsync()}");
        return held.Length == 0 ? "nothing is held" : held;
    }

    private static long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static string Shorten(string text) => (text.Length > 1500 ? text[..1500] + "..." : text).Replace("\r\n", "\\r\\n", StringComparison.Ordinal);
}

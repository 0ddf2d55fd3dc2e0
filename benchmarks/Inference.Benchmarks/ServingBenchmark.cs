using System.Diagnostics;
using System.Globalization;
using System.Text;
using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>What serving adds to the bare pipeline: latency, start-up, memory, allocations. One run, so that the figures belong together.</summary>
internal static class ServingBenchmark
{
    private const int Pairs = 40;
    private const int Starts = 5;
    private static readonly string[] Prompts = ["a red apple on a blue background", "a house in the snow", "a blue car on white", "a hamburger on a teal background, 3d render"];

    public static async Task RunAsync(string folder)
    {
        var report = new StringBuilder("# Serving\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- serving benchmarks/results\n\n");
        report.Append(CultureInfo.InvariantCulture, $"{Machine.Describe()}. Embedded model, 20 steps, guidance 4.\n\n| figure | measured | goal |\n|---|---|---|\n");

        using (var local = new LocalPipeline())
        {
            await LatencyAsync(local, report);
            await AllocationsAsync(local, report);
        }
        await StartUpAsync(report);
        await MemoryAsync(report);

        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "serving.md"), report.ToString());
        Console.WriteLine(report);
    }

    // Each seed runs bare and through the server, in alternating order, so that both arms see the same machine.
    private static async Task LatencyAsync(LocalPipeline local, StringBuilder report)
    {
        using var server = await ServerUnderTest.StartAsync();
        await server.ReadyAsync();
        var ratios = new List<double>();
        var (bareTotal, serverTotal) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var i = -4; i < Pairs; i++)
        {
            var request = new GenerationRequest { Prompt = Prompts[(i + 4) % Prompts.Length], Seed = i + 4 };
            Task<byte[]> Bare() => local.GenerateAsync(request);
            Task<byte[]> Served() => server.GenerateAsync(request.Prompt, request.Seed);
            var (first, second) = i % 2 == 0 ? (await TimeAsync(Bare), await TimeAsync(Served)) : Swap(await TimeAsync(Served), await TimeAsync(Bare));
            // The server's file carries the request besides.
            if (!PixelsOf(first.Bytes).AsSpan().SequenceEqual(PixelsOf(second.Bytes)))
                throw new InvalidOperationException($"Seed {request.Seed}: the server's picture differs from the bare pipeline's.");
            // The first pairs warm both sides up.
            if (i < 0)
                continue;
            bareTotal += first.Elapsed;
            serverTotal += second.Elapsed;
            ratios.Add(second.Elapsed / first.Elapsed);
        }
        ratios.Sort();
        report.Append(CultureInfo.InvariantCulture, $"| server latency / bare pipeline at concurrency 1, {Pairs} pairs, pixels equal: median of ratios (ratio of sums) | {ratios[ratios.Count / 2]:F3} ({serverTotal / bareTotal:F3}) | <= 1.03 |\n");
    }

    private static byte[] PixelsOf(byte[] png) => ImageCodecs.Vips.Decode(png, new()).Image.Pixels;

    private static async Task AllocationsAsync(LocalPipeline local, StringBuilder report)
    {
        const int Short = 20, Long = 200;
        await AllocatedAsync(local, Long);
        // What a request allocates once cancels out between a long and a short one.
        var bytes = (await AllocatedAsync(local, Long) - await AllocatedAsync(local, Short)) / (Long - Short);
        GC.Collect();
        var before = GC.CollectionCount(2);
        for (var i = 0; i < 1000 / Long; i++)
            await local.GenerateAsync(new() { Prompt = Prompts[0], Steps = Long });
        report.Append(CultureInfo.InvariantCulture, $"| bytes allocated per denoising step | {bytes} | <= 4096 |\n| gen-2 collections in 1000 steps | {GC.CollectionCount(2) - before} | 0 |\n");
    }

    private static async Task<long> AllocatedAsync(LocalPipeline local, int steps)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await local.GenerateAsync(new() { Prompt = Prompts[0], Steps = steps });
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static async Task StartUpAsync(StringBuilder report)
    {
        var seconds = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            var started = Stopwatch.GetTimestamp();
            using var server = await ServerUnderTest.StartAsync();
            await server.ReadyAsync();
            await server.GenerateAsync(Prompts[0], 0);
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        seconds.Sort();
        report.Append(CultureInfo.InvariantCulture, $"| process start to first picture, {Starts} starts: median (worst), s | {seconds[Starts / 2]:F2} ({seconds[^1]:F2}) | <= 3 |\n");
    }

    private static async Task MemoryAsync(StringBuilder report)
    {
        using var server = await ServerUnderTest.StartAsync();
        await server.ReadyAsync();
        var after20 = 0.0;
        for (var i = 1; i <= 100; i++)
        {
            await server.GenerateAsync(Prompts[i % Prompts.Length], i);
            if (i == 20)
                after20 = server.ResidentMegabytes;
        }
        var after100 = server.ResidentMegabytes;
        report.Append(CultureInfo.InvariantCulture, $"| resident memory after 100 pictures, MiB | {after100:F0} | < 700 |\n| the same against after 20 pictures | {after100 / after20:F3} | <= 1.05 |\n");
    }

    private static async Task<(TimeSpan Elapsed, byte[] Bytes)> TimeAsync(Func<Task<byte[]>> work)
    {
        var started = Stopwatch.GetTimestamp();
        var bytes = await work();
        return (Stopwatch.GetElapsedTime(started), bytes);
    }

    private static (T, T) Swap<T>(T second, T first) => (first, second);
}

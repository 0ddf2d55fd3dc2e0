using System.Globalization;
using System.Text;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Benchmarks;

/// <summary>
/// Sampler x cache x guidance interval on the embedded model: whether errors compound. Every picture is compared with the converged one of its guidance,
/// and a combination with what the better of its two parts gives alone for as much work: the sampler without a cache in fewer steps, and the
/// first-order sampler with the cache.
/// </summary>
internal static class StackingBenchmark
{
    private const int Steps = 30;
    private const int Converged = 200;
    private const string First = "ddim";
    private const double CompoundDecibels = 3;
    private static readonly (double Low, double High) s_interval = (0.3, 5);
    private static readonly string[] Samplers = [First, "dpmpp-2m", "dpmpp-3m", "unipc", "deis"];
    private static readonly int[] Fewer = [6, 8, 10, 12, 15, 20, 25, Steps];

    private static readonly (string Name, CacheRequest? Cache)[] Caches =
    [
        ("none", null),
        ("fora 3", Policy("fora", ("interval", 3.0), ("first", 2.0))),
        ("taylorseer 3", Policy("taylorseer", ("interval", 3.0), ("first", 2.0), ("last", 1.0))),
        ("lite 3", Policy("taylorseer", ("interval", 3.0), ("first", 2.0), ("last", 1.0), ("modules", "lite"))),
        ("zeus 3", Policy("zeus", ("interval", 3.0))),
        ("easycache 0.2", Policy("easycache", ("threshold", 0.2))),
        ("magcache 0.12", Policy("magcache", ("threshold", 0.12), ("retention", 0.1))),
        ("guidance delta 2", Policy("guidance_delta")),
    ];

    /// <param name="Work">Network rows computed in full, a picture.</param>
    /// <param name="Psnr">Mean PSNR to the converged picture, dB.</param>
    private readonly record struct Point(double Work, double Psnr);

    private sealed record Combination(string Sampler, string Cache, bool HasInterval, Point Point, double SamplerAlone, double CacheAlone)
    {
        public double Loss => Math.Max(SamplerAlone, CacheAlone) - Point.Psnr;
    }

    public static async Task<int> RunAsync(string folder, int prompts)
    {
        using var local = new LocalPipeline();
        await local.Pipeline.WarmUpAsync(default);
        var combinations = new List<Combination>();
        foreach (var interval in (bool[])[false, true])
        {
            var converged = (await GenerateAsync(local.Pipeline, Request("dpmpp-2m", Converged, null, interval), prompts)).Select(image => image.Image).ToArray();
            var curves = new Dictionary<string, List<Point>>();
            foreach (var sampler in Samplers)
            {
                curves[sampler] = [];
                foreach (var steps in Fewer)
                    curves[sampler].Add(await MeasureAsync(local.Pipeline, Request(sampler, steps, null, interval), prompts, converged));
            }
            var first = new Dictionary<string, Point>();
            foreach (var sampler in Samplers)
                foreach (var (name, cache) in Caches.Skip(1))
                {
                    var point = await MeasureAsync(local.Pipeline, Request(sampler, Steps, cache, interval), prompts, converged);
                    if (sampler == First)
                        first[name] = point;
                    else
                        combinations.Add(new(sampler, name, interval, point, At(curves[sampler], point.Work), first[name].Psnr));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sampler} {name} {(interval ? "interval" : "everywhere")}: {point.Work:F1} rows, {point.Psnr:F1} dB"));
                }
        }
        await WriteAsync(folder, prompts, combinations);
        return 0;
    }

    private static async Task WriteAsync(string folder, int prompts, List<Combination> combinations)
    {
        var csv = new StringBuilder("sampler,cache,guidance,full_rows,psnr_db,sampler_alone_db,cache_alone_db,loss_db\n");
        foreach (var each in combinations)
            csv.Append(CultureInfo.InvariantCulture, $"{each.Sampler},{each.Cache},{(each.HasInterval ? "interval" : "everywhere")},{each.Point.Work:F2},{each.Point.Psnr:F2},{each.SamplerAlone:F2},{each.CacheAlone:F2},{each.Loss:F2}\n");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "stacking.csv"), csv.ToString());
        var page = new StringBuilder("# Stacking samplers, caches and a guidance interval\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- stacking benchmarks/results\n\n");
        page.Append(string.Create(CultureInfo.InvariantCulture, $"""
            Embedded model, {prompts} prompts, guidance 4, {Steps} steps. Work is the number of network rows computed in full, of {2 * Steps} without cache and interval. PSNR is
            that to the converged picture of the same guidance (dpmpp-2m, {Converged} steps). Sampler alone: without a cache in as many steps as that work allows, interpolated. Cache alone: with
            the first-order sampler {First} at {Steps} steps. A combination compounds errors where it is more than {CompoundDecibels:F0} dB below the better of the two. Interval: guidance on for
            {s_interval.Low} < sigma/alpha <= {s_interval.High}. All combinations: [stacking.csv](stacking.csv).


            """).ReplaceLineEndings("\n"));
        foreach (var group in combinations.GroupBy(each => each.HasInterval))
        {
            page.Append(CultureInfo.InvariantCulture, $"## Guidance {(group.Key ? "in an interval" : "everywhere")}: dB lost against the better of the two alone\n\n| cache | {string.Join(" | ", Samplers.Skip(1))} |\n|---|{string.Concat(Samplers.Skip(1).Select(_ => "---|"))}\n");
            foreach (var (name, _) in Caches.Skip(1))
                page.Append(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", Samplers.Skip(1).Select(sampler => group.Single(each => each.Sampler == sampler && each.Cache == name)).Select(Cell))} |\n");
            page.Append('\n');
        }
        await Reports.WriteAsync(folder, "stacking.md", page);
    }

    private static string Cell(Combination combination) => string.Create(CultureInfo.InvariantCulture, $"{(combination.Loss > CompoundDecibels ? $"**{combination.Loss:F1}**" : $"{combination.Loss:F1}")} ({combination.Point.Psnr:F1} dB)");

    // Between the measured points; beyond the last one, that.
    private static double At(List<Point> curve, double work)
    {
        for (var i = 0; i + 1 < curve.Count; i++)
            if (work <= curve[i + 1].Work)
                return curve[i].Psnr + (curve[i + 1].Psnr - curve[i].Psnr) * Math.Max(0, work - curve[i].Work) / (curve[i + 1].Work - curve[i].Work);
        return curve[^1].Psnr;
    }

    private static async Task<Point> MeasureAsync(DiffusionPipeline pipeline, GenerationRequest request, int prompts, RgbImage[] converged)
    {
        var images = await GenerateAsync(pipeline, request, prompts);
        // Rows that only a part of the network was computed of are left out.
        var guided = images.Average(image => image.Cache is { } cache ? cache.FullRows : image.Rows);
        return new(guided, converged.Zip(images, (expected, image) => ImageQuality.Psnr(expected, image.Image)).Average());
    }

    private static async Task<GeneratedImage[]> GenerateAsync(DiffusionPipeline pipeline, GenerationRequest request, int prompts) =>
        await Task.WhenAll(Enumerable.Range(0, prompts).Select(async i => (await pipeline.GenerateAsync(request with { Prompt = CachingPrompts.All[i], Seed = i }, new(), null, default)).Images[0]));

    private static GenerationRequest Request(string sampler, int steps, CacheRequest? cache, bool interval) =>
        new() { Prompt = "", Sampler = sampler, Steps = steps, GuidanceScale = 4, Cache = cache, GuidanceInterval = interval ? s_interval : null };

    private static CacheRequest Policy(string policy, params (string Name, object Value)[] options) => new(policy, options.ToDictionary(option => option.Name, option => option.Value));
}

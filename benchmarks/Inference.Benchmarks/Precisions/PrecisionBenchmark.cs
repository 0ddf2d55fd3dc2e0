using System.Globalization;
using System.Text;
using Inference.Onnx;
using Inference.Pipelines;
using Inference.TestKit;

namespace Inference.Benchmarks;

/// <summary>What precisions and fused attention cost and change on the CPU: step times of the embedded model's network by rows, final pictures against
/// float32, and attention by its number of tokens. Fails unless int8 meets its goals.</summary>
internal static class PrecisionBenchmark
{
    private const double SpeedGoal = 0.6;
    private const double QualityGoal = 35;
    private const int Steps = 20;
    private static readonly int[] Rows = [1, 2, 4, 8, 16];

    private static readonly (string Name, NetworkOptions? Options)[] Forms =
    [
        ("ONNX Runtime on the export", null),
        ("float32", new()),
        ("float32, fused attention", new() { Attention = AttentionForm.Fused }),
        ("int8", new() { Precision = Precision.Int8 }),
        ("int8, fused attention", new() { Precision = Precision.Int8, Attention = AttentionForm.Fused }),
        ("float16", new() { Precision = Precision.Float16 }),
    ];

    public static async Task<int> RunAsync(string folder, int prompts, int rounds)
    {
        var failures = new List<string>();
        var report = new StringBuilder($"# Precisions\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- precision benchmarks/results {prompts} {rounds}\n\n{Machine.Describe()}.\n");
        var graphs = Forms.Select(form => Open(Path.Combine(AppContext.BaseDirectory, "models", "pictogram-128", "transformer", "model.onnx"), form.Options)).ToArray();
        var table = Times(report, graphs, rounds);
        Dispose(graphs);
        if (table[3][^1] / table[0][^1] > SpeedGoal && table[4][^1] / table[0][^1] > SpeedGoal)
            failures.Add("int8 misses its speed");
        report.Append(CultureInfo.InvariantCulture, $"\nbfloat16: {Refusal(Precision.BFloat16)}\n\n## Final pictures against float32\n\n{prompts} prompts, {Steps} steps, guidance 4, seed i for prompt i; 8-bit pictures.\n\n| precision | PSNR mean dB | least dB | SSIM |\n|---|---|---|---|\n");
        var plain = await PicturesAsync(new(), prompts);
        foreach (var precision in new[] { Precision.Int8, Precision.Float16 })
        {
            var pictures = await PicturesAsync(new() { Precision = precision }, prompts);
            var psnr = plain.Zip(pictures, ImageQuality.Psnr).ToArray();
            report.Append(CultureInfo.InvariantCulture, $"| {Precisions.NameOf(precision)} | {psnr.Average():F2} | {psnr.Min():F2} | {plain.Zip(pictures, StructuralSimilarity.Of).Average():F4} |\n");
            if (psnr.Average() < QualityGoal)
                failures.Add($"{precision}: {psnr.Average():F2} dB");
        }
        Attention(report, rounds);
        await Reports.WriteAsync(folder, "precision.md", report);
        return Reports.Verdict(failures);
    }

    private static double[][] Times(StringBuilder report, GraphSession[] graphs, int rounds)
    {
        report.Append(CultureInfo.InvariantCulture, $"\n## One evaluation of the embedded model's network\n\nMilliseconds, medians of {rounds} rounds in turns; in brackets over the export.\n\n| form | {string.Join(" | ", Rows.Select(rows => $"{rows} rows"))} |\n|---|{string.Concat(Rows.Select(_ => "---|"))}\n");
        var table = graphs.Select(_ => new double[Rows.Length]).ToArray();
        for (var i = 0; i < Rows.Length; i++)
        {
            using var speed = new PrecisionSpeed(graphs, Rows[i]);
            var times = speed.Measure(rounds);
            for (var form = 0; form < times.Length; form++)
                table[form][i] = times[form];
        }
        for (var form = 0; form < table.Length; form++)
            report.Append(CultureInfo.InvariantCulture, $"| {Forms[form].Name} | {string.Join(" | ", table[form].Select((time, i) => string.Create(CultureInfo.InvariantCulture, $"{time:F1} ({time / table[0][i]:F2})")))} |\n");
        return table;
    }

    private static void Attention(StringBuilder report, int rounds)
    {
        var graphs = new[] { AttentionForm.Exported, AttentionForm.Fused }
            .Select(form => Open(Repository.PathOf("tests", "Inference.Pipelines.Tests", "Pipelines", "sd15", "unet", "model.onnx"), new() { Attention = form })).ToArray();
        report.Append("\n## Fused attention by tokens\n\nTest pipeline `sd15`, two rows, the whole network; milliseconds.\n\n| tokens | exported | fused | ratio |\n|---|---|---|---|\n");
        foreach (var side in new[] { 8, 16, 32, 64 })
        {
            using var speed = new PrecisionSpeed(graphs, 2, side);
            var times = speed.Measure(Math.Max(3, rounds / 2));
            report.Append(CultureInfo.InvariantCulture, $"| {side * side} | {times[0]:F1} | {times[1]:F1} | {times[1] / times[0]:F2} |\n");
        }
        Dispose(graphs);
    }

    private static async Task<RgbImage[]> PicturesAsync(NetworkOptions network, int prompts)
    {
        using var local = new LocalPipeline(network);
        var images = await Task.WhenAll(Enumerable.Range(0, prompts).Select(async i =>
            (await local.Pipeline.GenerateAsync(new() { Prompt = CachingPrompts.All[i], Seed = i, Steps = Steps, GuidanceScale = 4 }, new(), null, default)).Images[0].Image));
        return images;
    }

    private static string Refusal(Precision precision)
    {
        try
        {
            using var local = new LocalPipeline(new() { Precision = precision });
            return "served";
        }
        catch (PrecisionException exception)
        {
            return $"refused ({exception.Message})";
        }
    }

    private static GraphSession Open(string path, NetworkOptions? options)
    {
        var sessions = new SessionFactory(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new(), options);
        return options is null ? sessions.Open(path) : sessions.OpenDenoiser(path);
    }

    private static void Dispose(GraphSession[] graphs)
    {
        foreach (var graph in graphs)
            graph.Dispose();
    }
}

using System.Globalization;
using System.Text;
using Inference.Cli;
using Inference.Onnx;
using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>Writes the caching figures: a page, a CSV of everything, a plot for each number of steps and a contact sheet.</summary>
internal sealed class CachingReport(IReadOnlyList<IReadOnlyList<CachingMeasurement>> sections, CachingMixedLoad.Outcome mixed, int prompts, int rounds, IReadOnlyList<VariantReport> forms)
{
    // Equal pictures have no finite PSNR; the plot ends here.
    private const double HighestDecibels = 60;

    public async Task WriteAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "caching.csv"), Csv());
        foreach (var section in sections)
            await File.WriteAllTextAsync(Path.Combine(folder, $"caching-{section[0].Setting.Steps}.svg"), Plot(section));
        // The sheet shows 50 steps: a row a setting, in the order of the table.
        var rows = sections[0];
        await File.WriteAllBytesAsync(
            Path.Combine(folder, "caching.webp"), ImageCodecs.Vips.Encode(ImageGrid.Tile([.. rows.SelectMany(row => row.Pictures)], rows[0].Pictures.Count, margin: 2), ImageEncoding.WebP(80)));
        await Reports.WriteAsync(folder, "caching.md", Page());
    }

    private string Csv()
    {
        var text = new StringBuilder("steps,series,setting,full_evaluations,milliseconds,speed,psnr_db,ssim,skipped_step,skipped_cost,bytes\n");
        foreach (var row in sections.SelectMany(section => section))
            text.Append(CultureInfo.InvariantCulture, $"{row.Setting.Steps},\"{row.Setting.Series}\",{row.Setting.Name},{row.FullEvaluations:F2},{row.Milliseconds:F1},{row.Speed:F3},{row.Psnr:F2},{row.Ssim:F4},{row.SkippedStep:F4},{row.SkippedCost:F4},{row.Bytes}\n");
        return text.ToString();
    }

    private static string Plot(IReadOnlyList<CachingMeasurement> section) =>
        new LinePlot($"Feature caching, {section[0].Setting.Steps} steps: PSNR to the plain run by speed", "times as fast as the plain run", "PSNR, dB") { Ticks = [1, 1.5, 2, 2.5, 3, 4, 5, 6] }.Draw(
            [.. section.Skip(1).GroupBy(row => row.Setting.Series).Select(series => (series.Key, (IReadOnlyList<(double, double)>)[.. series.OrderBy(row => row.Speed).Select(row => (row.Speed, Math.Min(row.Psnr, HighestDecibels)))]))]);

    private StringBuilder Page()
    {
        var page = new StringBuilder(FormattableString.Invariant($"# Feature caching\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- caching benchmarks/results {prompts} {rounds}\n\n"));
        page.Append(string.Create(CultureInfo.InvariantCulture, $"""
            {Machine.Describe()}.

            Embedded model, {prompts} prompts, guidance 4, the model's own sampler, the same seeds. PSNR and SSIM are those of the decoded 8-bit pictures against the plain
            run of as many steps, means over the prompts. Speed is the median over {rounds} rounds of the denoising time of the plain runs before and after, divided by that of the
            setting between them, one request alone. FORA and TaylorSeer: first two and last step in full. Skipped: time of a skipped step by that of a step of
            the plain run, and the same with what recording adds to full steps counted as theirs. All settings: [caching.csv](caching.csv); pictures at 50 steps, a row a setting in the order of the table: [caching.webp](caching.webp).

            """).ReplaceLineEndings("\n"));
        foreach (var section in sections)
            AppendTable(page, section);
        AppendMixed(page);
        page.Append("\n## Forms of the network\n\n| form | nodes | graph KiB | load ms | memory MiB | relative error |\n|---|---|---|---|---|---|\n");
        foreach (var form in forms)
            page.Append(CultureInfo.InvariantCulture, $"| {form.Variant} | {form.Nodes} | {form.GraphBytes >> 10} | {form.LoadTime.TotalMilliseconds:F0} | {form.MemoryBytes >> 20} | {form.Error:E1} |\n");
        return page;
    }

    private static void AppendTable(StringBuilder page, IReadOnlyList<CachingMeasurement> section)
    {
        var steps = section[0].Setting.Steps;
        page.Append(CultureInfo.InvariantCulture, $"\n## {steps} steps\n\nPlot: [caching-{steps}.svg](caching-{steps}.svg). A setting that beats fewer plain steps has a higher PSNR than plain steps of the same speed (interpolated).\n\n");
        page.Append("| policy | setting | full evaluations | ms | speed | PSNR dB | SSIM | plain at this speed dB | skipped % | with recording % | KiB a picture |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var row in section)
        {
            var control = row.Setting.IsPlain ? "" : ControlAt(section, row.Speed) is { } psnr ? $"{psnr.ToString("F1", CultureInfo.InvariantCulture)}{(row.Psnr > psnr ? "" : " (plain wins)")}" : "-";
            page.Append(CultureInfo.InvariantCulture, $"| {row.Setting.Series} | {row.Setting.Name} | {row.FullEvaluations:F1} | {row.Milliseconds:F0} | {row.Speed:F2} | {row.Psnr:F1} | {row.Ssim:F4} | {control} | {100 * row.SkippedStep:F1} | {100 * row.SkippedCost:F1} | {row.Bytes >> 10} |\n");
        }
    }

    // Between the plain runs of the nearest speeds; null beyond them.
    public static double? ControlAt(IReadOnlyList<CachingMeasurement> section, double speed)
    {
        var plain = section.Where(row => row.Setting.IsPlain && double.IsFinite(row.Psnr)).OrderBy(row => row.Speed).ToArray();
        for (var i = 0; i + 1 < plain.Length; i++)
            if (speed >= plain[i].Speed && speed <= plain[i + 1].Speed)
                return plain[i].Psnr + (plain[i + 1].Psnr - plain[i].Psnr) * (speed - plain[i].Speed) / (plain[i + 1].Speed - plain[i].Speed);
        return null;
    }

    private void AppendMixed(StringBuilder page) => page.Append(string.Create(CultureInfo.InvariantCulture, $"""

        ## Mixed load

        16 closed-loop clients, 50 steps. 16 plain: {mixed.PlainRate:F2} pictures/s. 8 plain and 8 cached of different policies: {mixed.MixedRate:F2} pictures/s; the evaluation counts
        predict {mixed.PredictedRate:F2}, so {mixed.Efficiency:P0} of it. {mixed.Requests - mixed.Different} of {mixed.Requests} requests gave the picture they give alone (worst PSNR {mixed.WorstPsnr:F1} dB).

        """).ReplaceLineEndings("\n"));
}

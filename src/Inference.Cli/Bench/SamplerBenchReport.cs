using System.Globalization;
using System.Text;
using Inference.Pipelines;

namespace Inference.Cli;

/// <summary>Writes what <see cref="SamplerBench"/> measured: CSV of everything, table and plot of each sampler's best schedule, contact sheets.</summary>
internal sealed class SamplerBenchReport(IReadOnlyList<SamplerMeasurement> measurements, IReadOnlyList<string> prompts, string command)
{
    private readonly SamplerMeasurement[] _best =
    [
        .. measurements.Where(entry => entry.Psnr is not null)
            .GroupBy(entry => (entry.Sampler, entry.Evaluations)).Select(group => group.MaxBy(entry => entry.Psnr)!),
    ];

    public async Task WriteAsync(string folder, IReadOnlyList<RgbImage> reference, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "samplers.csv"), Csv(), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "samplers.md"), Table(), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "samplers.svg"), Plot(), cancellationToken);
        await WriteSheetAsync(Path.Combine(folder, "samplers-deterministic.png"), [reference, .. Ranked().Select(sampler => At(sampler, 10)?.Images).OfType<IReadOnlyList<RgbImage>>()], cancellationToken);
        var stochastic = measurements.Where(entry => entry.IsStochastic).Select(entry => entry.Images).ToArray();
        if (stochastic.Length > 0)
            await WriteSheetAsync(Path.Combine(folder, "samplers-stochastic.png"), stochastic, cancellationToken);
    }

    private string Csv()
    {
        var text = new StringBuilder("sampler,schedule,steps,evaluations,stochastic,psnr_db\n");
        foreach (var entry in measurements)
            text.Append(CultureInfo.InvariantCulture, $"{entry.Sampler},{entry.Schedule},{entry.Steps},{entry.Evaluations},{(entry.IsStochastic ? "yes" : "no")},{entry.Psnr:F2}\n");
        return text.ToString();
    }

    private string Table()
    {
        var budgets = _best.Select(entry => entry.Evaluations).Distinct().Order().ToArray();
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"""
            # Samplers by evaluations

                {command}

            Embedded model, guidance 4, prompts {string.Join(", ", prompts.Select(prompt => $"\"{prompt}\""))} with seeds 0 to {prompts.Count - 1}. Mean PSNR in dB of the decoded 8-bit pictures
            against Heun with {SamplerBench.ReferenceSteps} steps of the {SamplerBench.ReferenceSchedule} schedule; each cell is the best of the schedules {string.Join(", ", SamplerBench.Schedules.Select(schedule => schedule ?? "own"))} (named when it is
            not the model's own). Plot: [samplers.svg](samplers.svg); all settings: [samplers.csv](samplers.csv); pictures at 10 evaluations, the reference first, then in the order of the
            table: [samplers-deterministic.png](samplers-deterministic.png).

            | sampler | {string.Join(" | ", budgets)} |
            |---|{string.Concat(budgets.Select(_ => "---|"))}

            """);
        foreach (var sampler in Ranked())
            text.Append(CultureInfo.InvariantCulture, $"| {sampler} | {string.Join(" | ", budgets.Select(budget => Cell(At(sampler, budget))))} |\n");
        text.Append("\n## Best at each budget\n\n| evaluations | sampler | schedule | dB |\n|---|---|---|---|\n");
        foreach (var best in _best.GroupBy(entry => entry.Evaluations).OrderBy(group => group.Key).Select(group => group.MaxBy(entry => entry.Psnr)!))
            text.Append(CultureInfo.InvariantCulture, $"| {best.Evaluations} | {best.Sampler} | {best.Schedule} | {best.Psnr:F1} |\n");
        var stochastic = measurements.Where(entry => entry.IsStochastic).ToArray();
        if (stochastic.Length > 0)
            text.Append("\n## Stochastic samplers\n\nThey have no common answer to be compared with; pictures in this order, one row each: [samplers-stochastic.png](samplers-stochastic.png).\n\n")
                .AppendJoin(", ", stochastic.Select(entry => $"{entry.Sampler} ({entry.Evaluations})")).Append('\n');
        return text.ToString();
    }

    private string Plot() => new LinePlot($"Mean PSNR to Heun-{SamplerBench.ReferenceSteps} by evaluations (best schedule)", "evaluations of the guided denoiser", "PSNR, dB").Draw(
        [.. Ranked().Take(14).Select(sampler => (sampler, (IReadOnlyList<(double, double)>)[.. _best.Where(entry => entry.Sampler == sampler).OrderBy(entry => entry.Evaluations).Select(entry => ((double)entry.Evaluations, Math.Min(entry.Psnr!.Value, 60)))]))]);

    // Best first by the mean over the budgets most people use.
    private IEnumerable<string> Ranked() => _best.GroupBy(entry => entry.Sampler)
        .OrderByDescending(group => group.Where(entry => entry.Evaluations is >= 8 and <= 20).Select(entry => entry.Psnr!.Value).DefaultIfEmpty(0).Average()).Select(group => group.Key);

    private SamplerMeasurement? At(string sampler, int evaluations) => _best.FirstOrDefault(entry => entry.Sampler == sampler && entry.Evaluations == evaluations);

    private static string Cell(SamplerMeasurement? entry) => entry is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{entry.Psnr:F1}{(entry.Schedule == "own" ? "" : " " + entry.Schedule)}");

    private static Task WriteSheetAsync(string path, IReadOnlyList<IReadOnlyList<RgbImage>> rows, CancellationToken cancellationToken) =>
        File.WriteAllBytesAsync(path, ImageCodecs.Vips.Encode(ImageGrid.Tile([.. rows.SelectMany(row => row)], rows[0].Count, margin: 2), ImageEncoding.Png(9)), cancellationToken);
}

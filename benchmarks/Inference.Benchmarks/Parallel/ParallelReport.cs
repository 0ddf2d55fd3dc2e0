using System.Globalization;
using System.Text;
using Inference.Cli;

namespace Inference.Benchmarks;

/// <summary>Writes the figures of parallel sampling: a page, a CSV of everything, a plot for each number of steps.</summary>
internal sealed class ParallelReport(IReadOnlyList<IReadOnlyList<ParallelMeasurement>> sections, IReadOnlyList<ParallelWarmStart> warm, IReadOnlyList<ParallelLoad> loads, int prompts)
{
    // Equal pictures have no finite PSNR; the plot ends here.
    private const double HighestDecibels = 60;

    public async Task WriteAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "parallel.csv"), Csv());
        foreach (var section in sections)
            await File.WriteAllTextAsync(Path.Combine(folder, $"parallel-{section[0].Setting.Steps}.svg"), Plot(section));
        await Reports.WriteAsync(folder, "parallel.md", Page());
    }

    private string Csv()
    {
        var text = new StringBuilder("compared_to_steps,sampler,steps,series,setting,iterations,rounds,evaluations,psnr_plain_db,psnr_exact_db,milliseconds,device_6_02_ms,device_flat_ms\n");
        foreach (var section in sections)
            foreach (var row in section)
                text.Append(CultureInfo.InvariantCulture, $"{section[0].Setting.Steps},{row.Setting.Sampler},{row.Setting.Steps},\"{row.Setting.Series}\",\"{row.Setting.Name}\",{row.Iterations:F2},{row.Rounds:F2},{row.Evaluations:F2},{row.Psnr:F2},{row.Accuracy:F2},{row.Milliseconds:F1},{row.Batching:F1},{row.Flat:F1}\n");
        return text.ToString();
    }

    private static string Plot(IReadOnlyList<ParallelMeasurement> section) =>
        new LinePlot($"Parallel sampling of DDIM with {section[0].Setting.Steps} steps on a device of 6 ms + 0.2 ms a row", "times as fast as the plain run", "PSNR to the nearly exact picture, dB") { Ticks = [1, 1.5, 2, 2.5, 3, 4, 5, 6] }.Draw(
            [.. section.GroupBy(row => row.Setting.Series).Select(series => (series.Key, (IReadOnlyList<(double, double)>)
                [.. series.Select(row => (section[0].Batching / row.Batching, Math.Min(row.Accuracy, HighestDecibels))).OrderBy(point => point.Item1)]))]);

    private StringBuilder Page()
    {
        var page = new StringBuilder("# Parallel sampling\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- parallel benchmarks/results\n\n");
        page.Append(string.Create(CultureInfo.InvariantCulture, $"""
            {Machine.Describe()}.

            Embedded model, {prompts} prompts, guidance 4 (two rows an evaluation), the same seeds, one request alone. PSNR of the decoded 8-bit pictures, means over the prompts: to the plain
            DDIM run of as many steps, and to a nearly exact run (Heun, 200 steps). Times as fast as that plain run: here (medians of the denoising times in one run of this command), and on
            simulated devices, whose virtual time is exact: 6 ms + 0.2 ms a row, and 6 ms for up to 64 rows. All settings: [parallel.csv](parallel.csv).

            """).ReplaceLineEndings("\n"));
        foreach (var section in sections)
            AppendTable(page, section);
        AppendWarmStarts(page);
        AppendLoads(page);
        return page;
    }

    private static void AppendTable(StringBuilder page, IReadOnlyList<ParallelMeasurement> section)
    {
        var plain = section[0];
        page.Append(CultureInfo.InvariantCulture, $"\n## {plain.Setting.Steps} steps\n\nPlot: [parallel-{plain.Setting.Steps}.svg](parallel-{plain.Setting.Steps}.svg).\n\n");
        page.Append("| method | setting | iterations | rounds | evaluations | PSNR to plain dB | to exact dB | speed here | 6 + 0.2 ms | flat to 64 |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var row in section)
            page.Append(CultureInfo.InvariantCulture, $"| {row.Setting.Series} | {row.Setting.Name} | {row.Iterations:F1} | {row.Rounds:F1} | {row.Evaluations:F1} | {row.Psnr:F1} | {row.Accuracy:F1} | {plain.Milliseconds / row.Milliseconds:F2} | {plain.Batching / row.Batching:F2} | {plain.Flat / row.Flat:F2} |\n");
    }

    private void AppendWarmStarts(StringBuilder page)
    {
        page.Append("\n## Warm starts\n\nParaTAA over all steps, from noise and from the run of a similar prompt (the same thing on another background).\n\n| steps | iterations from noise | from the former run | and its last half only | PSNR of the second to the first dB |\n|---|---|---|---|---|\n");
        foreach (var row in warm)
            page.Append(CultureInfo.InvariantCulture, $"| {row.Steps} | {row.Cold:F1} | {row.Warm:F1} | {row.Variation:F1} | {row.Psnr:F1} |\n");
    }

    private void AppendLoads(StringBuilder page)
    {
        page.Append("\n## Windows that follow the load\n\nVirtual time, 6 ms + 0.2 ms a row, 32 rows a batch, 50 steps, two rows an evaluation. One client asks for `picard` with window `auto` among plain clients in a closed loop; compared with the same client in plain steps, and with none.\n\n| others | widest window | latency of the client ms | in plain steps ms | others' throughput by that with plain steps | their p95 | their throughput by that without the client |\n|---|---|---|---|---|---|---|\n");
        foreach (var load in loads)
            page.Append(CultureInfo.InvariantCulture, $"| {load.Others} | {load.Parallel.Widest} | {load.Parallel.ParallelLatency:F0} | {load.Plain.ParallelLatency:F0} | {Ratio(load.Parallel.RequestsPerSecond, load.Plain.RequestsPerSecond)} | {Ratio(load.Parallel.Latency95, load.Plain.Latency95)} | {Ratio(load.Parallel.RequestsPerSecond, load.Without.RequestsPerSecond)} |\n");
    }

    private static string Ratio(double a, double b) => b == 0 ? "-" : (a / b).ToString("F3", CultureInfo.InvariantCulture);
}

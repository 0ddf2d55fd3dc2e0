using System.Globalization;
using System.Text;
using Inference.Pipelines;

namespace Inference.Benchmarks;

/// <summary>Cache presets of the embedded model on prompts that calibration did not see, beside plain runs with fewer steps.</summary>
internal static class PresetsBenchmark
{
    // The step counts that were calibrated, and one between them.
    private static readonly int[] Steps = [20, 30, 50];

    /// <param name="folder">Where the report goes.</param>
    /// <param name="prompts">Prompts, up to 32.</param>
    /// <param name="rounds">Rounds of the speed figures; 0 leaves them out.</param>
    /// <returns>0, or 1 when a preset misses its target.</returns>
    public static async Task<int> RunAsync(string folder, int prompts, int rounds)
    {
        using var local = new LocalPipeline();
        await local.Pipeline.WarmUpAsync(default);
        var page = new StringBuilder(FormattableString.Invariant($"# Cache presets\n\n    dotnet run -c Release --project benchmarks/Inference.Benchmarks -- presets benchmarks/results {prompts} {rounds}\n\n"));
        page.Append(CultureInfo.InvariantCulture, $"{Machine.Describe()}.\n\nEmbedded model, {prompts} prompts that calibration did not see, guidance 4, the model's own sampler. PSNR is that of the decoded pictures against the plain run of as many steps.\n");
        if (rounds > 0)
            page.Append(CultureInfo.InvariantCulture, $"Speed: median of {rounds} rounds, each between two plain runs, one request alone. The plain run with fewer steps at this speed is interpolated between plain runs.\n");
        page.Append("\n| steps | preset | policy | full evaluations | mean PSNR dB | lowest PSNR dB | target dB | speed | plain, fewer steps, at this speed dB |\n|---|---|---|---|---|---|---|---|---|\n");
        var failures = new List<string>();
        foreach (var steps in Steps)
            await AppendAsync(page, local.Pipeline, steps, prompts, rounds, failures);
        await Reports.WriteAsync(folder, "presets.md", page);
        return Reports.Verdict(failures);
    }

    private static async Task AppendAsync(StringBuilder page, DiffusionPipeline pipeline, int steps, int prompts, int rounds, List<string> failures)
    {
        CachingSetting[] settings =
        [
            new("plain, fewer steps", $"{steps}", steps, null),
            .. new[] { 0.75, 0.6, 0.5, 0.4, 0.3, 0.2 }.Select(share => (int)Math.Round(share * steps)).Select(fewer => new CachingSetting("plain, fewer steps", $"{fewer}", fewer, null)),
            .. CachePreset.Targets.Select(target => new CachingSetting("preset", target.Name, steps, null) { Preset = target.Name }),
        ];
        IReadOnlyList<CachingMeasurement> measured = await CachingQuality.MeasureAsync(pipeline, settings, prompts);
        if (rounds > 0)
            measured = await CachingSpeed.MeasureAsync(pipeline, measured, rounds);
        foreach (var row in measured.Where(row => !row.Setting.IsPlain))
        {
            var target = CachePreset.Targets.Single(each => each.Name == row.Setting.Preset).Decibels;
            var control = rounds > 0 ? CachingReport.ControlAt(measured, row.Speed) : null;
            page.Append(CultureInfo.InvariantCulture, $"| {steps} | {row.Setting.Name} | {row.Policy} | {row.FullEvaluations:F1} | {row.Psnr:F1} | {row.LowestPsnr:F1} | {target:F0} | ")
                .Append(rounds > 0 ? string.Create(CultureInfo.InvariantCulture, $"{row.Speed:F2} x") : "-").Append(" | ").Append(control?.ToString("F1", CultureInfo.InvariantCulture) ?? "-").Append(" |\n");
            if (row.Psnr < target)
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{row.Setting.Name} at {steps} steps: {row.Psnr:F2} dB, less than {target:F0}"));
        }
    }
}

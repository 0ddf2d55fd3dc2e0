namespace Inference.Benchmarks;

/// <summary>Feature caching on the embedded model: full evaluations, speed, PSNR and SSIM of every policy at 50 and 20 steps, memory, mixed load.</summary>
internal static class CachingBenchmark
{
    /// <param name="folder">Where the report goes.</param>
    /// <param name="prompts">Prompts of the quality figures, up to 32.</param>
    /// <param name="rounds">Rounds of the speed figures.</param>
    /// <param name="load">Length of each of the two loads.</param>
    /// <returns>0, or 1 when a request of the mixed load was not what it is alone.</returns>
    public static async Task<int> RunAsync(string folder, int prompts, int rounds, TimeSpan load)
    {
        using var local = new LocalPipeline();
        await local.Pipeline.WarmUpAsync(default);
        var sections = new List<IReadOnlyList<CachingMeasurement>>();
        foreach (var steps in (int[])[50, 20])
        {
            var quality = await CachingQuality.MeasureAsync(local.Pipeline, CachingSetting.All(steps, local.Pipeline.Calibration!.Nearest(steps)), prompts);
            sections.Add(await CachingSpeed.MeasureAsync(local.Pipeline, quality, rounds));
        }
        var all = sections[0].Select(measurement => measurement.Setting).ToArray();
        var mixed = await new CachingMixedLoad(local.Pipeline, [.. all.Where(setting => setting is { Cache: not null, Name: "N=3" or "0.1" or "0.12" })], TimeProvider.System).RunAsync(all[0], load);
        await new CachingReport(sections, mixed, prompts, rounds, local.Pipeline.Forms).WriteAsync(folder);
        return mixed.Different == 0 ? 0 : Reports.Verdict([$"{mixed.Different} of {mixed.Requests} requests differ from themselves alone, the worst by {mixed.WorstPsnr:F1} dB"]);
    }
}

using Inference.TestKit;

namespace Inference.Benchmarks;

/// <summary>Parallel sampling on the embedded model: iterations, evaluations, PSNR, times here and on simulated devices; windows that follow the load in virtual time.</summary>
internal static class ParallelBenchmark
{
    private static readonly GaussianMixture Mixture = new([0.4, 0.6], [[.. Enumerable.Repeat(0.7, 16)], [.. Enumerable.Repeat(-0.4, 16)]], [0.3, 0.5]);

    /// <param name="folder">Where the report goes.</param>
    /// <param name="prompts">Prompts, up to 16.</param>
    /// <returns>0, or 1 when a goal of the windows that follow the load is missed.</returns>
    public static async Task<int> RunAsync(string folder, int prompts)
    {
        using var local = new LocalPipeline();
        await local.Pipeline.WarmUpAsync(default);
        var exact = (await ParallelQuality.RunAsync(local.Pipeline, ParallelSetting.Reference, prompts)).Select(image => image.Image).ToArray();
        var sections = new List<IReadOnlyList<ParallelMeasurement>>();
        var warm = new List<ParallelWarmStart>();
        foreach (var steps in (int[])[50, 100])
        {
            sections.Add(await ParallelQuality.MeasureAsync(local.Pipeline, ParallelSetting.All(steps), exact));
            warm.Add(await ParallelWarmStart.MeasureAsync(local.Pipeline, steps, prompts));
        }
        var loads = new[] { 0, 4, 8, 12, 15, 16, 24, 32 }.Select(others => ParallelLoad.Run(others, Mixture)).ToArray();
        await new ParallelReport(sections, warm, loads, prompts).WriteAsync(folder);
        return Reports.Verdict([.. loads.SelectMany(load => load.Failures)]);
    }
}

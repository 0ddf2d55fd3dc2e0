using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The settings that presets are chosen among: for each policy a few, from the most careful to the boldest.</summary>
internal static class PresetCandidates
{
    private static readonly double[] Errors = [0.03, 0.06, 0.12, 0.2, 0.3, 0.45, 0.65];

    /// <summary>Policies with their settings in order.</summary>
    public static IEnumerable<IReadOnlyList<CacheRequest>> Of(CalibratedRun run, bool hasBlocks, bool isUNet)
    {
        // Schedules hold for one number of steps, so no preset is one.
        yield return [.. Errors.Select(threshold => Request("easycache", ("threshold", threshold)))];
        yield return [.. Intervals(5).Select(interval => Request("taylorseer", ("modules", "lite"), ("interval", interval), ("first", 2.0), ("last", 1.0)))];
        yield return
        [
            .. Intervals(5).Select(interval => Request("zeus", ("interval", interval))),
            .. new[] { 4.0, 5 }.Select(interval => Request("zeus", ("interval", interval), ("start", 0.1))),
        ];
        if (isUNet)
            yield return [.. Intervals(6).Select(interval => Request("deepcache", ("interval", interval), ("last", 1.0)))];
        if (!hasBlocks)
            yield break;
        yield return [.. Errors.Select(threshold => Request("magcache", ("threshold", threshold), ("max_skip", 6.0), ("retention", 0.1)))];
        yield return [.. Errors.Select(threshold => Request("teacache", ("threshold", threshold), ("first", 2.0)))];
        if (run.ForecastThreshold is > 0 and var forecast)
            yield return [.. new[] { 0.25, 0.5, 1, 2 }.Select(factor => Request("cg_taylor", ("threshold", factor * forecast)))];
    }

    private static IEnumerable<double> Intervals(int longest) => Enumerable.Range(2, longest - 1).Select(interval => (double)interval);

    private static CacheRequest Request(string policy, params (string Name, object Value)[] options) => new(policy, options.ToDictionary(option => option.Name, option => option.Value));
}

using System.Globalization;
using Inference.Pipelines;
using Inference.Sampling;

namespace Inference.Benchmarks;

/// <summary>One setting of the caching figures.</summary>
/// <param name="Series">What it is a point of in the plot.</param>
/// <param name="Name">What tells it apart in its series.</param>
/// <param name="Steps">Denoising steps.</param>
/// <param name="Cache">The policy; null is the plain sampler.</param>
internal sealed record CachingSetting(string Series, string Name, int Steps, CacheRequest? Cache)
{
    /// <summary>The preset in place of a policy, or null.</summary>
    public string? Preset { get; init; }

    /// <summary>Whether nothing is cached.</summary>
    public bool IsPlain => Cache is null && Preset is null;

    /// <summary>The settings measured at a number of steps, the plain run first, then fewer plain steps, then the policies.</summary>
    /// <param name="steps">50 or 20.</param>
    /// <param name="calibrated">The model's calibration at these steps; policies take their tables from it.</param>
    public static IReadOnlyList<CachingSetting> All(int steps, CalibratedRun calibrated)
    {
        int[] fewer = steps == 50 ? [30, 25, 20, 15, 12, 10] : [15, 12, 10, 8, 6];
        return
        [
            new("plain, fewer steps", $"{steps}", steps, null),
            .. fewer.Select(count => new CachingSetting("plain, fewer steps", $"{count}", count, null)),
            .. new[] { 2, 3, 4, 6 }.Select(n => Interval(steps, "FORA", "fora", n)),
            .. new[] { 2, 3, 4, 6 }.Select(n => Interval(steps, "TaylorSeer, order 1", "taylorseer", n, ("order", 1.0))),
            .. new[] { 3, 4 }.Select(n => Interval(steps, "TaylorSeer, order 2", "taylorseer", n, ("order", 2.0))),
            .. new[] { 3, 4 }.Select(n => Interval(steps, "divided differences, order 2", "taylorseer", n, ("order", 2.0), ("differences", "divided"))),
            .. new[] { 3, 4 }.Select(n => Interval(steps, "TaylorSeer, attention", "taylorseer", n, ("order", 1.0), ("modules", "attention"))),
            .. new[] { 2, 3, 4 }.Select(n => Interval(steps, "TaylorSeer, lite", "taylorseer", n, ("order", 1.0), ("modules", "lite"))),
            .. new[] { 0.05, 0.1, 0.15, 0.2, 0.3 }.Select(threshold => new CachingSetting("first block", Text(threshold), steps, Policy("first_block", ("threshold", threshold)))),
            .. new[] { 0.06, 0.12, 0.24 }.Select(threshold => new CachingSetting(
                "MagCache", Text(threshold), steps, Policy("magcache", ("threshold", threshold), ("max_skip", threshold > 0.2 ? 5.0 : 3.0), ("retention", 0.1)))),
            .. new[] { 3, 4 }.Select(n => Interval(steps, "HiCache, order 2", "hicache", n)),
            .. new[] { 0.1, 0.3, 1 }.Select(threshold => new CachingSetting("SpeCa", Text(threshold), steps, Policy("speca", ("threshold", threshold), ("first", 2.0)))),
            .. new[] { 0.05, 0.1, 0.2 }.Select(threshold => new CachingSetting("DBCache, 2 blocks", Text(threshold), steps, Policy("dbcache", ("threshold", threshold), ("first", 2.0)))),
            .. new[] { 0.05, 0.1, 0.2 }.Select(threshold => new CachingSetting("DBCache, 1 + 2 blocks", Text(threshold), steps, Policy("dbcache", ("blocks", 1.0), ("tail_blocks", 2.0), ("threshold", threshold), ("first", 2.0)))),
            .. new[] { 0.5, 1, 2 }.Select(factor => new CachingSetting("CG-Taylor", $"{Text(factor)} x calibrated", steps, Policy("cg_taylor", ("threshold", factor * calibrated.ForecastThreshold!.Value)))),
            .. new[] { 0.1, 0.2, 0.4 }.Select(threshold => new CachingSetting("TeaCache", Text(threshold), steps, Policy("teacache", ("threshold", threshold)))),
            .. calibrated.Schedules.Where(schedule => schedule.Features == "stack" && schedule.Full.Length * 2 <= steps).Select(schedule => new CachingSetting(
                "fixed steps, stack", $"{schedule.Full.Length} full", steps, Policy("fixed_steps", ("full", string.Join(',', schedule.Full))))),
            .. new[] { 0.1, 0.2, 0.4 }.Select(threshold => new CachingSetting("EasyCache", Text(threshold), steps, Policy("easycache", ("threshold", threshold)))),
            .. new[] { 2, 3, 4, 5 }.Select(n => new CachingSetting("ZEUS-like", $"N={n}", steps, Policy("zeus", ("interval", (double)n)))),
            .. new[] { 0.99, 0.97, 0.9 }.Select(threshold => new CachingSetting("Step Rehash", Text(threshold), steps, Policy("step_rehash", ("threshold", threshold)))),
            .. new[] { 2, 3, 5 }.Select(n => new CachingSetting("guidance delta", $"N={n}", steps, Policy("guidance_delta", ("interval", (double)n)))),
            .. CachePreset.Targets.Select(target => new CachingSetting($"preset {target.Name}", target.Name, steps, null) { Preset = target.Name }),
        ];
    }

    // The first two and the last step are full, as in the figures measured beforehand.
    private static CachingSetting Interval(int steps, string series, string policy, int interval, params (string, object)[] options) =>
        new(series, $"N={interval}", steps, Policy(policy, [("interval", (double)interval), ("first", 2.0), ("last", 1.0), .. options]));

    private static CacheRequest Policy(string policy, params (string Name, object Value)[] options) => new(policy, options.ToDictionary(option => option.Name, option => option.Value));

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using Inference.Sampling;

namespace Inference.Benchmarks;

/// <summary>One setting of the caching figures.</summary>
/// <param name="Series">What it is a point of in the plot.</param>
/// <param name="Name">What tells it apart in its series.</param>
/// <param name="Steps">Denoising steps.</param>
/// <param name="Cache">The policy; null is the plain sampler.</param>
internal sealed record CachingSetting(string Series, string Name, int Steps, CacheRequest? Cache)
{
    /// <summary>The settings measured at a number of steps, the plain run first, then fewer plain steps, then the policies.</summary>
    /// <param name="steps">50 or 20.</param>
    /// <param name="ratios">MagCache's calibration for these steps.</param>
    public static IReadOnlyList<CachingSetting> All(int steps, IReadOnlyList<double> ratios)
    {
        var calibrated = string.Join(',', ratios.Select(ratio => ratio.ToString("F5", CultureInfo.InvariantCulture)));
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
                "MagCache", Text(threshold), steps, Policy("magcache", ("threshold", threshold), ("max_skip", threshold > 0.2 ? 5.0 : 3.0), ("retention", 0.1), ("ratios", calibrated)))),
        ];
    }

    // The first two and the last step are full, as in the figures measured beforehand.
    private static CachingSetting Interval(int steps, string series, string policy, int interval, params (string, object)[] options) =>
        new(series, $"N={interval}", steps, Policy(policy, [("interval", (double)interval), ("first", 2.0), ("last", 1.0), .. options]));

    private static CacheRequest Policy(string policy, params (string Name, object Value)[] options) => new(policy, options.ToDictionary(option => option.Name, option => option.Value));

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}

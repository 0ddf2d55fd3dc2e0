namespace Inference.Sampling;

/// <summary>
/// CG-Taylor's threshold from plain runs: forecasts of first order of the stream after the first block and after the last one are made from every two
/// steps that lie 1 to 4 apart, for as many steps behind them. The threshold is the largest at which the last streams that would be forecast are off by
/// no more than is wanted on average.
/// </summary>
public static class ForecastThreshold
{
    private const int LongestGap = 4;

    /// <summary>The threshold; 0 where none is small enough.</summary>
    /// <param name="probed">The stream after the first block at each step, of several rows.</param>
    /// <param name="last">The stream after the last one.</param>
    /// <param name="wanted">Mean relative error of the last streams that are forecast, &gt; 0.</param>
    public static double Of(IReadOnlyList<IReadOnlyList<float[]>> probed, IReadOnlyList<IReadOnlyList<float[]>> last, double wanted)
    {
        var pairs = probed.Zip(last).SelectMany(row => Errors(row.First).Zip(Errors(row.Second))).OrderBy(pair => pair.First).ToArray();
        var (threshold, sum) = (0.0, 0.0);
        for (var count = 1; count <= pairs.Length; count++)
        {
            sum += pairs[count - 1].Second;
            if (sum / count <= wanted)
                threshold = pairs[count - 1].First;
        }
        return threshold;
    }

    private static IEnumerable<double> Errors(IReadOnlyList<float[]> steps)
    {
        var forecast = new float[steps[0].Length];
        for (var gap = 1; gap <= LongestGap; gap++)
            for (var full = gap; full < steps.Count; full++)
                for (var ahead = 1; ahead <= gap && full + ahead < steps.Count; ahead++)
                {
                    for (var i = 0; i < forecast.Length; i++)
                        forecast[i] = steps[full][i] + (steps[full][i] - steps[full - gap][i]) * ahead / gap;
                    yield return RelativeChange.Of(forecast, steps[full + ahead]);
                }
    }
}

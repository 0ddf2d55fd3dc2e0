using System.Collections.Immutable;

namespace Inference.Sampling;

/// <summary>
/// The schedule of full evaluations with the smallest total error, by dynamic programming over measured errors (as MCG-NJU/DDT, sharing_sampling): with
/// e(i, j) the error at step j of what the full step i predicts, and C(i, n) = Σ e(i, j) over i &lt; j &lt; n, the best k full steps of which n is the last
/// cost B(k, n) = min B(k - 1, i) + C(i, n). The first step is always full.
/// </summary>
public static class StepSchedule
{
    /// <summary>The full steps of the best schedule, in order.</summary>
    /// <param name="errors">e(i, j) for i &lt; j, ≥ 0; square, one row and column a step.</param>
    /// <param name="full">Full steps, from 1 to the number of steps.</param>
    /// <exception cref="ArgumentException">The errors are not square.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many steps.</exception>
    public static ImmutableArray<int> Best(double[,] errors, int full)
    {
        var steps = errors.GetLength(0);
        if (errors.GetLength(1) != steps)
            throw new ArgumentException("The errors must have a row and a column for every step.", nameof(errors));
        ArgumentOutOfRangeException.ThrowIfLessThan(full, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(full, steps);
        var segment = Segments(errors, steps);
        var best = new double[full + 1, steps];
        var before = new int[full + 1, steps];
        for (var n = 0; n < steps; n++)
            best[1, n] = n == 0 ? 0 : double.PositiveInfinity;
        for (var k = 2; k <= full; k++)
            for (var n = 0; n < steps; n++)
            {
                best[k, n] = double.PositiveInfinity;
                for (var i = 0; i < n; i++)
                    if (best[k - 1, i] + segment[i, n] < best[k, n])
                        (best[k, n], before[k, n]) = (best[k - 1, i] + segment[i, n], i);
            }
        var last = Enumerable.Range(0, steps).MinBy(n => best[full, n] + segment[n, steps]);
        var schedule = new int[full];
        for (var k = full; k >= 1; k--)
            (schedule[k - 1], last) = (last, before[k, last]);
        return [.. schedule];
    }

    // C(i, n), n up to the end of the run.
    private static double[,] Segments(double[,] errors, int steps)
    {
        var segments = new double[steps, steps + 1];
        for (var i = 0; i < steps; i++)
            for (var n = i + 2; n <= steps; n++)
                segments[i, n] = segments[i, n - 1] + errors[i, n - 1];
        return segments;
    }
}

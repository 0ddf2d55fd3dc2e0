using System.Numerics;

namespace Inference.Sampling;

/// <summary>e(i, j) = ‖f_j - f_i‖² / ‖f_j‖², the mean over the rows of plain runs: what reusing the feature of step i at step j costs. The errors that
/// <see cref="StepSchedule"/> sums.</summary>
public static class ReuseErrors
{
    /// <summary>The errors for i &lt; j; zero elsewhere.</summary>
    /// <param name="rows">A feature at each step, of several rows.</param>
    public static double[,] Of(IReadOnlyList<IReadOnlyList<float[]>> rows)
    {
        var steps = rows[0].Count;
        var errors = new double[steps, steps];
        foreach (var row in rows)
            for (var j = 1; j < steps; j++)
            {
                var size = Distance(row[j], []);
                for (var i = 0; i < j; i++)
                    errors[i, j] += Distance(row[j], row[i]) / size / rows.Count;
            }
        return errors;
    }

    // ‖a - b‖², b zero where it is empty.
    private static double Distance(float[] a, float[] b)
    {
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var difference = b.Length == 0 ? new Vector<float>(a, i) : new Vector<float>(a, i) - new Vector<float>(b, i);
            sum += difference * difference;
        }
        var total = (double)Vector.Sum(sum);
        for (; i < a.Length; i++)
            total += Math.Pow(a[i] - (b.Length == 0 ? 0 : b[i]), 2);
        return total;
    }
}

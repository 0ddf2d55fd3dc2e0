namespace Inference.Experiments;

/// <summary>A fine trajectory, in the space where the data has scale 1 and the noise σ/α.</summary>
/// <param name="Sigmas">Levels σ/α of the knots, descending; the end, 0, is not among them.</param>
/// <param name="States">State at each knot.</param>
/// <param name="Cleans">Clean data predicted at each knot.</param>
/// <param name="End">Where it ended.</param>
public sealed record TeacherTrajectory(IReadOnlyList<double> Sigmas, IReadOnlyList<float[]> States, IReadOnlyList<float[]> Cleans, float[] End);

/// <summary>What GITS minimises: how far one Euler jump between two knots ends from the fine trajectory, the mean over trajectories (arXiv:2405.11326, eq. 9).</summary>
public static class JumpCosts
{
    /// <summary>cost[i, j] of the jump from knot i to knot j; the last knot is the end.</summary>
    /// <param name="trajectories">Fine trajectories over the same knots, at least one.</param>
    public static double[,] Of(IReadOnlyList<TeacherTrajectory> trajectories)
    {
        var knots = trajectories[0].Sigmas.Count;
        var cost = new double[knots + 1, knots + 1];
        foreach (var teacher in trajectories)
            for (var i = 0; i < knots; i++)
                for (var j = i + 1; j <= knots; j++)
                    cost[i, j] += Deviation(teacher, i, j) / trajectories.Count;
        return cost;
    }

    // x_j ≈ x_i + (σ_j - σ_i)(x_i - D_i)/σ_i = r·x_i + (1 - r)·D_i with r = σ_j/σ_i.
    private static double Deviation(TeacherTrajectory teacher, int i, int j)
    {
        var isEnd = j == teacher.Sigmas.Count;
        var ratio = isEnd ? 0 : teacher.Sigmas[j] / teacher.Sigmas[i];
        var (x, clean, target) = (teacher.States[i], teacher.Cleans[i], isEnd ? teacher.End : teacher.States[j]);
        var sum = 0.0;
        for (var k = 0; k < x.Length; k++)
        {
            var difference = ratio * x[k] + (1 - ratio) * clean[k] - target[k];
            sum += difference * difference;
        }
        return Math.Sqrt(sum);
    }
}

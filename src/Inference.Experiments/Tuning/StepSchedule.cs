namespace Inference.Experiments;

/// <summary>
/// Time steps by dynamic programming over the deviations of single jumps from a fine trajectory: GITS (Chen, Zhou, Wang, Shen and Lyu 2024, "On the trajectory regularity of
/// ODE-based diffusion sampling", ICML, arXiv:2405.11326, section 4.2).
/// </summary>
public static class StepSchedule
{
    /// <summary>The published factor on what is left to do, against the neglect of errors that add up.</summary>
    public const double PublishedGamma = 1.15;

    /// <summary>The knots from which the steps set out, from the first on; the last step ends at the last knot.</summary>
    /// <param name="cost">cost[i, j] for i below j: deviation of one jump from knot i to knot j.</param>
    /// <param name="steps">Number of steps, from 1 to knots - 1.</param>
    /// <param name="gamma">V[j, k] = minᵢ cost(j, i) + γ·V[i, k - 1].</param>
    public static IReadOnlyList<int> Best(double[,] cost, int steps, double gamma = PublishedGamma)
    {
        var end = cost.GetLength(0) - 1;
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, end);
        // value[k, j]: least cost from knot j to the end in k jumps.
        var value = new double[steps + 1, end + 1];
        var next = new int[steps + 1, end + 1];
        for (var j = 0; j < end; j++)
            (value[0, j], value[1, j], next[1, j]) = (double.PositiveInfinity, cost[j, end], end);
        value[1, end] = double.PositiveInfinity;
        for (var k = 2; k <= steps; k++)
            for (var j = 0; j <= end; j++)
            {
                value[k, j] = double.PositiveInfinity;
                for (var i = j + 1; i < end; i++)
                    if (cost[j, i] + gamma * value[k - 1, i] is var total && total < value[k, j])
                        (value[k, j], next[k, j]) = (total, i);
            }
        var knots = new List<int>();
        for (var (j, k) = (0, steps); k > 0; k--)
        {
            knots.Add(j);
            j = next[k, j];
        }
        return knots;
    }
}

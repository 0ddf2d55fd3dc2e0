namespace Inference.Sampling;

/// <summary>Solves (B + λI)γ = d for a small symmetric positive semidefinite B by elimination, which needs no pivoting for λ &gt; 0.</summary>
internal static class RidgeSystem
{
    /// <param name="b">B in its first rows and columns.</param>
    /// <param name="d">d in its first entries.</param>
    /// <param name="size">Unknowns, ≥ 0.</param>
    /// <param name="ridge">λ &gt; 0.</param>
    public static double[] Solve(double[,] b, double[] d, int size, double ridge)
    {
        var rows = new double[size, size];
        var gamma = new double[size];
        for (var i = 0; i < size; i++)
        {
            gamma[i] = d[i];
            for (var j = 0; j < size; j++)
                rows[i, j] = b[i, j] + (i == j ? ridge : 0);
        }
        for (var pivot = 0; pivot < size; pivot++)
            for (var i = pivot + 1; i < size; i++)
            {
                var factor = rows[i, pivot] / rows[pivot, pivot];
                for (var j = pivot; j < size; j++)
                    rows[i, j] -= factor * rows[pivot, j];
                gamma[i] -= factor * gamma[pivot];
            }
        for (var i = size - 1; i >= 0; i--)
        {
            for (var j = i + 1; j < size; j++)
                gamma[i] -= rows[i, j] * gamma[j];
            gamma[i] /= rows[i, i];
        }
        return gamma;
    }
}

namespace Inference.Pipelines;

/// <summary>Solves A·x = b for a small symmetric positive definite A by Cholesky's factorisation A = L·Lᵀ.</summary>
internal static class NormalEquations
{
    /// <param name="matrix">A; only its lower triangle is read.</param>
    /// <param name="right">b.</param>
    /// <exception cref="ArgumentException">A is not positive definite.</exception>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        var n = right.Length;
        var lower = new double[n, n];
        for (var i = 0; i < n; i++)
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++)
                    sum -= lower[i, k] * lower[j, k];
                if (i == j && !(sum > 0))
                    throw new ArgumentException("The matrix is not positive definite.", nameof(matrix));
                lower[i, j] = i == j ? Math.Sqrt(sum) : sum / lower[j, j];
            }
        var x = (double[])right.Clone();
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
                x[i] -= lower[i, k] * x[k];
            x[i] /= lower[i, i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
                x[i] -= lower[k, i] * x[k];
            x[i] /= lower[i, i];
        }
        return x;
    }
}

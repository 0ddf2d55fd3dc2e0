namespace Inference.Sampling;

/// <summary>The weights a of UniPC: Σ_m r_m^(k-1) a_m = b_k for k = 1.., b_k = k!·z·φ_{k+1}(z)/B (Zhao et al. 2023, arXiv:2302.04867, eq. 5).</summary>
internal static class UniPcWeights
{
    /// <param name="nodes">r_m, all different.</param>
    /// <param name="z">-h for predicted data, h for predicted noise.</param>
    /// <param name="b">B(z).</param>
    /// <param name="weights">Receives as many weights as there are nodes.</param>
    public static void Solve(ReadOnlySpan<double> nodes, double z, double b, Span<double> weights)
    {
        var n = nodes.Length;
        if (n == 1)
        {
            // A single weight is fixed to the limit of b_1 for short steps.
            weights[0] = 0.5;
            return;
        }
        Span<double> matrix = stackalloc double[n * (n + 1)];
        for (var k = 0; k < n; k++)
        {
            for (var m = 0; m < n; m++)
                matrix[k * (n + 1) + m] = Math.Pow(nodes[m], k);
            matrix[k * (n + 1) + n] = Phi.Factorial(k + 1) * z * Phi.Of(k + 2, z) / b;
        }
        Eliminate(matrix, n);
        for (var k = 0; k < n; k++)
            weights[k] = matrix[k * (n + 1) + n];
    }

    // Gauss-Jordan elimination with row pivoting of the n × (n+1) matrix, row-major.
    private static void Eliminate(Span<double> matrix, int n)
    {
        var width = n + 1;
        for (var column = 0; column < n; column++)
        {
            var pivot = column;
            for (var row = column + 1; row < n; row++)
                if (Math.Abs(matrix[row * width + column]) > Math.Abs(matrix[pivot * width + column]))
                    pivot = row;
            for (var k = 0; k < width; k++)
                (matrix[column * width + k], matrix[pivot * width + k]) = (matrix[pivot * width + k], matrix[column * width + k]);
            for (var row = 0; row < n; row++)
            {
                var factor = matrix[row * width + column] / matrix[column * width + column];
                for (var k = column; row != column && k < width; k++)
                    matrix[row * width + k] -= factor * matrix[column * width + k];
            }
        }
        for (var row = 0; row < n; row++)
            matrix[row * width + n] /= matrix[row * width + row];
    }
}

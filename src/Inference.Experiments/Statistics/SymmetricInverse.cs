namespace Inference.Experiments;

/// <summary>Inverse of a small positive definite matrix.</summary>
internal static class SymmetricInverse
{
    /// <summary>Gauss-Jordan elimination; without pivoting, which positive definite matrices do not need (Higham 2002, chapter 10).</summary>
    public static double[,] Of(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var (a, inverse) = ((double[,])matrix.Clone(), new double[n, n]);
        for (var i = 0; i < n; i++)
            inverse[i, i] = 1;
        for (var pivot = 0; pivot < n; pivot++)
        {
            var scale = a[pivot, pivot];
            for (var k = 0; k < n; k++)
                (a[pivot, k], inverse[pivot, k]) = (a[pivot, k] / scale, inverse[pivot, k] / scale);
            for (var row = 0; row < n; row++)
            {
                var factor = a[row, pivot];
                if (row == pivot || factor == 0)
                    continue;
                for (var k = 0; k < n; k++)
                    (a[row, k], inverse[row, k]) = (a[row, k] - factor * a[pivot, k], inverse[row, k] - factor * inverse[pivot, k]);
            }
        }
        return inverse;
    }
}

namespace Inference.Pipelines;

/// <summary>A polynomial through points by least squares.</summary>
internal static class PolynomialFit
{
    // Keeps the equations definite where the points do not determine every coefficient.
    private const double Ridge = 1e-9;

    /// <summary>The coefficients, highest power first.</summary>
    /// <param name="points">The points, at least one with x other than 0.</param>
    /// <param name="degree">Degree, ≥ 0.</param>
    public static double[] Of(IReadOnlyList<(double X, double Y)> points, int degree)
    {
        // In x by its largest value, so that powers are of one size.
        var scale = points.Max(point => Math.Abs(point.X));
        var matrix = new double[degree + 1, degree + 1];
        var right = new double[degree + 1];
        foreach (var (x, y) in points)
            for (var i = 0; i <= degree; i++)
            {
                for (var j = 0; j <= degree; j++)
                    matrix[i, j] += Math.Pow(x / scale, i + j);
                right[i] += Math.Pow(x / scale, i) * y;
            }
        for (var i = 0; i <= degree; i++)
            matrix[i, i] += Ridge * points.Count;
        var coefficients = NormalEquations.Solve(matrix, right);
        return [.. coefficients.Select((coefficient, power) => coefficient / Math.Pow(scale, power)).Reverse()];
    }
}

namespace Inference.Batching;

/// <summary>
/// Working memory as a function of the batch: constant + rows · (linear · positions + quadratic · positions²). What convolutions and projections hold grows with the
/// positions, what exported attention holds with their square, and workspaces not at all. None of the three is negative. Large batches count more: an arena hands out
/// blocks of up to twice what was asked for, but wastes little of large ones.
/// </summary>
/// <param name="Constant">Bytes whatever the batch.</param>
/// <param name="Linear">Bytes a row and position.</param>
/// <param name="Quadratic">Bytes a row and position, by position.</param>
internal sealed record MemoryFit(double Constant, double Linear, double Quadratic)
{
    // A later form must explain this share of the squares more to be believed.
    private const double Gain = 1e-6;

    // Terms of the forms that are tried, the ones that promise least beyond what was measured first.
    private static readonly int[][] Forms = [[1, 2], [1], [2], [0, 1], [0, 2], [0, 1, 2]];

    /// <summary>Bytes of a batch.</summary>
    public double Bytes(int rows, long positions) => Constant + rows * RowBytes(positions);

    /// <summary>Bytes that one more row takes.</summary>
    public double RowBytes(long positions) => Linear * positions + Quadratic * positions * positions;

    /// <summary>The form of non-negative terms with the least squares.</summary>
    /// <param name="points">Measured batches, at least one; more than one size of rows, or there is no quadratic term.</param>
    public static MemoryFit Of(IReadOnlyList<MemoryPoint> points)
    {
        var isOneSize = points.All(point => point.Positions == points[0].Positions);
        var (best, least) = (default(MemoryFit), double.PositiveInfinity);
        var squares = points.Sum(point => Square(point.Bytes));
        foreach (var form in Forms)
        {
            if (form.Length > points.Count || (isOneSize && form.Contains(2)) || Solve(points, form) is not { } fit)
                continue;
            var error = points.Sum(point => Square(fit.Bytes(point.Rows, point.Positions) - point.Bytes)) / squares;
            if (error < least - Gain)
                (best, least) = (fit, error);
        }
        // One term through one point is never refused.
        return best!;
    }

    // Normal equations; null where they do not tell the terms apart, or one is negative.
    private static MemoryFit? Solve(IReadOnlyList<MemoryPoint> points, int[] form)
    {
        var count = form.Length;
        var matrix = new double[count, count + 1];
        foreach (var point in points)
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < count; j++)
                    matrix[i, j] += Term(point, form[i]) * Term(point, form[j]);
                matrix[i, count] += Term(point, form[i]) * point.Bytes;
            }
        var terms = new double[3];
        if (!Eliminate(matrix, count))
            return null;
        for (var i = 0; i < count; i++)
            if ((terms[form[i]] = matrix[i, count] / matrix[i, i] / Scale(points, form[i])) < 0)
                return null;
        return new(terms[0], terms[1], terms[2]);

        // Scaled to the largest batch, so that the equations stay well conditioned.
        double Term(MemoryPoint point, int term) => Raw(point, term) / Scale(points, term);
    }

    private static bool Eliminate(double[,] matrix, int count)
    {
        for (var pivot = 0; pivot < count; pivot++)
        {
            if (matrix[pivot, pivot] is var value && !(Math.Abs(value) > 1e-9 * Math.Abs(matrix[0, 0])))
                return false;
            for (var row = 0; row < count; row++)
            {
                var factor = row == pivot ? 0 : matrix[row, pivot] / matrix[pivot, pivot];
                for (var column = 0; column <= count; column++)
                    matrix[row, column] -= factor * matrix[pivot, column];
            }
        }
        return true;
    }

    private static double Scale(IReadOnlyList<MemoryPoint> points, int term) => points.Max(point => Raw(point, term));

    private static double Raw(MemoryPoint point, int term) => term switch
    {
        0 => 1,
        1 => (double)point.Rows * point.Positions,
        _ => (double)point.Rows * point.Positions * point.Positions,
    };

    private static double Square(double value) => value * value;
}

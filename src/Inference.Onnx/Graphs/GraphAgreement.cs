namespace Inference.Onnx;

/// <summary>Compares an edited denoiser graph with the one it was made from, on random rows of different timesteps.</summary>
public static class GraphAgreement
{
    private const double SingleTolerance = 1e-4;
    private const double HalfTolerance = 2e-2;

    /// <summary>Difference with which an edit that changes no precision passes.</summary>
    public static double ToleranceOf(ElementType type) => type == ElementType.Float16 ? HalfTolerance : SingleTolerance;

    /// <summary>Largest difference of the edited graph's output, all rows in one call, from the original's, each row alone, relative to its largest value;
    /// infinite where one is not a number.</summary>
    /// <exception cref="GraphException">One of the graphs does not run on rows made up from its signature.</exception>
    public static double Difference(GraphSession original, GraphSession edited)
    {
        var rows = new SampleRows(original);
        var (expected, found) = (rows.Apart(original), rows.Together(edited));
        var (scale, worst) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            scale = Math.Max(scale, Math.Abs((double)expected[i]));
            worst = Math.Max(worst, double.IsNaN(found[i]) ? double.PositiveInfinity : Math.Abs((double)expected[i] - found[i]));
        }
        return worst / scale;
    }
}

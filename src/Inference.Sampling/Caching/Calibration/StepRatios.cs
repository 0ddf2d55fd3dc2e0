namespace Inference.Sampling;

/// <summary>Tables of neighbouring steps, means over the rows of plain runs; the first step has none before it and gets 1.</summary>
public static class StepRatios
{
    /// <summary>γ_k = ‖f_k‖ / ‖f_{k-1}‖, MagCache's table for the residual of all blocks (Ma et al. 2025, arXiv:2506.09045, eq. 5); the norm is over all
    /// tokens of a row together.</summary>
    public static double[] OfSizes(IReadOnlyList<IReadOnlyList<float[]>> rows) => Table(rows, (now, before) => Norm(now) / Norm(before));

    /// <summary>Cosines of f_k and f_{k-1}: Step Rehash's table for the network's output.</summary>
    public static double[] OfDirections(IReadOnlyList<IReadOnlyList<float[]>> rows) => Table(rows, (now, before) => Math.Clamp(Dot(now, before) / (Norm(now) * Norm(before)), -1, 1));

    /// <summary>mean|a - b| / mean|b|, TeaCache's relative change.</summary>
    public static double Change(float[] now, float[] before) => RelativeChange.Of(now, before);

    private static double[] Table(IReadOnlyList<IReadOnlyList<float[]>> rows, Func<float[], float[], double> between) =>
        [.. Enumerable.Range(0, rows[0].Count).Select(step => step == 0 ? 1 : rows.Average(row => between(row[step], row[step - 1])))];

    private static double Norm(float[] values) => Math.Sqrt(Dot(values, values));

    private static double Dot(float[] a, float[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return sum;
    }
}

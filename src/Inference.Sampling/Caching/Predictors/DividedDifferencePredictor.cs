namespace Inference.Sampling;

/// <summary>
/// Newton's divided differences, the polynomial through the last full steps wherever they lie; exact on polynomials of its order, unlike
/// <see cref="TaylorPredictor"/>. Keeps the values themselves and sums them with Lagrange weights, which is the same polynomial.
/// </summary>
/// <param name="order">Degree of the polynomial, ≥ 0; lower while there are fewer full steps.</param>
internal sealed class DividedDifferencePredictor(int order) : IPredictor
{
    public int Factors => order + 1;

    // The value of the n-th full step lies at n mod (order + 1).
    public void Renew(Span<float> factors, ReadOnlySpan<float> value, StepHistory history, int step) =>
        value.CopyTo(factors[(history.Count % Factors * value.Length)..]);

    public void Predict(ReadOnlySpan<float> factors, StepHistory history, int step, Span<float> prediction)
    {
        var known = Math.Min(history.Count, Factors);
        Span<double> nodes = stackalloc double[known];
        Span<float> weights = stackalloc float[known];
        for (var age = 0; age < known; age++)
            nodes[(history.Count - 1 - age) % Factors] = history[age];
        for (var i = 0; i < known; i++)
            weights[i] = (float)Lagrange.Evaluate(nodes, i, step);
        WeightedSum.Evaluate(factors, weights, prediction);
    }
}

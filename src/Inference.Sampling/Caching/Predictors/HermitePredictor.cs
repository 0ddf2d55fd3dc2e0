namespace Inference.Sampling;

/// <summary>
/// HiCache (Feng et al. 2025, arXiv:2508.16984): the differences of <see cref="TaylorPredictor"/> under contracted Hermite polynomials in place of
/// powers: Σ fⱼ·H̃ⱼ(x)/j! with H̃ₙ(x) = σⁿ·Hₙ(σx), Hₙ the physicists' polynomials.
/// </summary>
/// <param name="order">Highest j, ≥ 0.</param>
/// <param name="contraction">σ, above 0 up to 1.</param>
internal sealed class HermitePredictor(int order, double contraction) : IPredictor
{
    /// <summary>σ as published.</summary>
    public const double PublishedContraction = 0.5;

    private readonly TaylorPredictor _differences = new(order);

    public int Factors => order + 1;

    public void Renew(Span<float> factors, ReadOnlySpan<float> value, StepHistory history, int step) => _differences.Renew(factors, value, history, step);

    public void Predict(ReadOnlySpan<float> factors, StepHistory history, int step, Span<float> prediction)
    {
        Span<float> weights = stackalloc float[Math.Min(history.Count, order + 1)];
        // H₀ = 1, Hₙ₊₁(y) = 2y·Hₙ(y) - 2n·Hₙ₋₁(y).
        var (y, scale, before, polynomial) = (contraction * (step - history[0]), 1.0, 0.0, 1.0);
        for (var j = 0; j < weights.Length; j++)
        {
            weights[j] = (float)(scale * polynomial);
            (before, polynomial) = (polynomial, 2 * y * polynomial - 2 * j * before);
            scale *= contraction / (j + 1);
        }
        WeightedSum.Evaluate(factors, weights, prediction);
    }
}

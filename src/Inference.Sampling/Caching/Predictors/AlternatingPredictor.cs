namespace Inference.Sampling;

/// <summary>
/// ZEUS (arXiv:2604.01552; its solvers' mode reuse_interp): the first skipped step behind a full one is 2·d₀ - d₁ of the last two full steps, the next one
/// is d₀ itself, and so on in turn, so that no extrapolation follows another.
/// </summary>
internal sealed class AlternatingPredictor : IPredictor
{
    public int Factors => 2;

    public void Renew(Span<float> factors, ReadOnlySpan<float> value, StepHistory history, int step)
    {
        factors[..value.Length].CopyTo(factors[value.Length..]);
        value.CopyTo(factors);
    }

    public void Predict(ReadOnlySpan<float> factors, StepHistory history, int step, Span<float> prediction)
    {
        if (history.Count < 2 || (step - history[0]) % 2 == 0)
            factors[..prediction.Length].CopyTo(prediction);
        else
            WeightedSum.Evaluate(factors, [2, -1], prediction);
    }
}

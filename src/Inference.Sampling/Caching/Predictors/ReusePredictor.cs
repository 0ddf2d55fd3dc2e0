namespace Inference.Sampling;

/// <summary>The feature of the last full step as it is (FORA: Selvaraju et al. 2024, arXiv:2407.01425, section 3).</summary>
internal sealed class ReusePredictor : IPredictor
{
    public int Factors => 1;

    public bool IsConstant => true;

    public void Renew(Span<float> factors, ReadOnlySpan<float> value, StepHistory history, int step) => value.CopyTo(factors);

    public void Predict(ReadOnlySpan<float> factors, StepHistory history, int step, Span<float> prediction) => factors.CopyTo(prediction);
}

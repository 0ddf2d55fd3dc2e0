namespace Inference.Sampling;

/// <summary>How the features of a skipped step follow from those of full steps: linearly. Stateless; what it knows lies in the factors.</summary>
internal interface IPredictor
{
    /// <summary>Tensors kept of each feature, ≥ 1; they lie one after the other.</summary>
    int Factors { get; }

    /// <summary>Whether it predicts the same at every step until the next full one.</summary>
    bool IsConstant => false;

    /// <summary>Takes in the value of a full step.</summary>
    /// <param name="factors">The factors, changed in place.</param>
    /// <param name="value">The feature at <paramref name="step"/>.</param>
    /// <param name="history">The full steps before it.</param>
    /// <param name="step">The step.</param>
    void Renew(Span<float> factors, ReadOnlySpan<float> value, StepHistory history, int step);

    /// <summary>Predicts the feature of a step.</summary>
    /// <param name="factors">The factors.</param>
    /// <param name="history">The full steps, at least one.</param>
    /// <param name="step">The step.</param>
    /// <param name="prediction">Receives the feature.</param>
    void Predict(ReadOnlySpan<float> factors, StepHistory history, int step, Span<float> prediction);
}

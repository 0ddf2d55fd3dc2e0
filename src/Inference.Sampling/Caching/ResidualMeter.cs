namespace Inference.Sampling;

/// <summary>
/// Calibration of MagCache (Ma et al. 2025, arXiv:2506.09045, eq. 5): γ_k = ‖R_k‖ / ‖R_{k-1}‖ of the residual of all blocks, the mean over the rows of all
/// runs. The norm is over all tokens of a row together. Predicts nothing.
/// </summary>
public sealed class ResidualMeter : IPredictor
{
    private readonly Dictionary<int, (double Sum, int Count)> _ratios = [];
    private int _steps;

    /// <summary>A ratio a step; 1 for the first, which has none before it.</summary>
    public IReadOnlyList<double> Ratios
    {
        get
        {
            lock (_ratios)
                return [.. Enumerable.Range(0, _steps).Select(step => _ratios.TryGetValue(step, out var ratio) ? ratio.Sum / ratio.Count : 1)];
        }
    }

    int IPredictor.Factors => 1;

    void IPredictor.Renew(Span<float> factors, ReadOnlySpan<float> value, StepHistory history, int step)
    {
        lock (_ratios)
        {
            _steps = Math.Max(_steps, step + 1);
            if (history.Count > 0)
            {
                var (sum, count) = _ratios.GetValueOrDefault(step);
                _ratios[step] = (sum + Norm(value) / Norm(factors), count + 1);
            }
        }
        value.CopyTo(factors);
    }

    void IPredictor.Predict(ReadOnlySpan<float> factors, StepHistory history, int step, Span<float> prediction) =>
        throw new InvalidOperationException("A measuring run skips no step.");

    private static double Norm(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += (double)value * value;
        return Math.Sqrt(sum);
    }
}

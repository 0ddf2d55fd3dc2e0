using System.Numerics;

namespace Inference.Sampling;

/// <summary>
/// TaylorSeer (Liu et al. 2025, arXiv:2503.06923, eqs. 6 and 7) as published: on a full step f₀ = F and fⱼ₊₁ = (fⱼ - fⱼ of the last full step) / N
/// with N the steps between the two; a step x later is Σ fⱼ·xʲ/j!. From order 2 on these are backward differences under Taylor weights, and N is that
/// of the last interval for all orders, which shrinks the extrapolation (see <see cref="DividedDifferencePredictor"/>).
/// </summary>
/// <param name="order">Highest j, ≥ 0.</param>
internal sealed class TaylorPredictor(int order) : IPredictor
{
    public int Factors => order + 1;

    public void Renew(Span<float> factors, ReadOnlySpan<float> value, StepHistory history, int step)
    {
        var length = value.Length;
        var known = Math.Min(history.Count, order);
        var gap = history.Count > 0 ? step - history[0] : 1f;
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var next = new Vector<float>(value[i..]);
            for (var j = 0; j <= known; j++)
            {
                var factor = factors[(j * length + i)..];
                var last = new Vector<float>(factor);
                next.CopyTo(factor);
                next = (next - last) / new Vector<float>(gap);
            }
        }
        for (; i < length; i++)
        {
            var next = value[i];
            for (var j = 0; j <= known; j++)
            {
                ref var factor = ref factors[j * length + i];
                (factor, next) = (next, (next - factor) / gap);
            }
        }
    }

    public void Predict(ReadOnlySpan<float> factors, StepHistory history, int step, Span<float> prediction)
    {
        Span<float> weights = stackalloc float[Math.Min(history.Count, order + 1)];
        var (weight, x) = (1.0, (double)(step - history[0]));
        for (var j = 0; j < weights.Length; j++)
        {
            weights[j] = (float)weight;
            weight *= x / (j + 1);
        }
        WeightedSum.Evaluate(factors, weights, prediction);
    }
}

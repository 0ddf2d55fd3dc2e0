using System.Numerics;

namespace Inference.Sampling;

/// <summary>Σ wⱼ·fⱼ over tensors that lie one after the other.</summary>
internal static class WeightedSum
{
    public static void Evaluate(ReadOnlySpan<float> tensors, ReadOnlySpan<float> weights, Span<float> sum)
    {
        var length = sum.Length;
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var total = new Vector<float>(tensors[i..]) * weights[0];
            for (var j = 1; j < weights.Length; j++)
                total = Vector.FusedMultiplyAdd(new Vector<float>(tensors[(j * length + i)..]), new Vector<float>(weights[j]), total);
            total.CopyTo(sum[i..]);
        }
        for (; i < length; i++)
        {
            var total = tensors[i] * weights[0];
            for (var j = 1; j < weights.Length; j++)
                total = MathF.FusedMultiplyAdd(tensors[j * length + i], weights[j], total);
            sum[i] = total;
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Inference.Sampling;

/// <summary>Σ wⱼ·fⱼ over tensors that lie one after the other.</summary>
internal static class WeightedSum
{
    public static void Evaluate(ReadOnlySpan<float> tensors, ReadOnlySpan<float> weights, Span<float> sum)
    {
        var length = sum.Length;
        ArgumentOutOfRangeException.ThrowIfLessThan(tensors.Length, length * weights.Length);
        ref var source = ref MemoryMarshal.GetReference(tensors);
        ref var target = ref MemoryMarshal.GetReference(sum);
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var total = Vector.LoadUnsafe(ref source, (nuint)i) * weights[0];
            for (var j = 1; j < weights.Length; j++)
                total = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref source, (nuint)(j * length + i)), new Vector<float>(weights[j]), total);
            total.StoreUnsafe(ref target, (nuint)i);
        }
        for (; i < length; i++)
        {
            var total = tensors[i] * weights[0];
            for (var j = 1; j < weights.Length; j++)
                total = MathF.FusedMultiplyAdd(tensors[j * length + i], weights[j], total);
            Unsafe.Add(ref target, i) = total;
        }
    }
}

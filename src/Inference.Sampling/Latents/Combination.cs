using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inference.Sampling;

/// <summary>
/// A linear combination Σ cᵢ·Xᵢ of latents, built by operators and evaluated by <see cref="Latent.Set"/> in one pass.
/// Every solver update has this form, so formulas stay as the papers write them and nothing is allocated.
/// Terms with the same latent are merged; a term whose coefficient is exactly 0 is dropped.
/// </summary>
public readonly struct Combination
{
    /// <summary>The largest number of different latents in one combination.</summary>
    public const int MaxTerms = 8;

    private readonly Coefficients _coefficients;
    private readonly Latents _latents;
    private readonly int _count;

    private Combination(Coefficients coefficients, Latents latents, int count) =>
        (_coefficients, _latents, _count) = (coefficients, latents, count);

    internal static Combination Term(double coefficient, Latent latent) =>
        default(Combination).Plus(coefficient, latent);

    public static implicit operator Combination(Latent latent) => Term(1, latent);

    public static Combination operator +(Combination left, Combination right) => left.Plus(1, right);
    public static Combination operator -(Combination left, Combination right) => left.Plus(-1, right);
    public static Combination operator -(Combination value) => default(Combination).Plus(-1, value);
    public static Combination operator *(double factor, Combination value) => default(Combination).Plus(factor, value);
    public static Combination operator /(Combination value, double divisor) => default(Combination).Plus(1 / divisor, value);

    private Combination Plus(double factor, in Combination other)
    {
        var sum = this;
        for (var i = 0; i < other._count; i++)
            sum = sum.Plus(factor * other._coefficients[i], other._latents[i]);
        return sum;
    }

    private Combination Plus(double coefficient, Latent latent)
    {
        if (coefficient == 0)
            return this;
        var (coefficients, latents) = (_coefficients, _latents);
        for (var i = 0; i < _count; i++)
        {
            if (!ReferenceEquals(latents[i], latent))
                continue;
            coefficients[i] += coefficient;
            return new(coefficients, latents, _count);
        }
        if (_count == MaxTerms)
            throw new InvalidOperationException($"A combination holds at most {MaxTerms} different latents.");
        coefficients[_count] = coefficient;
        latents[_count] = latent;
        return new(coefficients, latents, _count + 1);
    }

    internal void EvaluateInto(Latent destination)
    {
        for (var i = 0; i < _count; i++)
            if (_latents[i].Shape != destination.Shape)
                throw new ArgumentException($"Operand of shape {_latents[i].Shape} in a combination of shape {destination.Shape}.");

        var length = destination.Shape.Length;
        ref var target = ref destination.Reference;
        var at = 0;
        for (; at <= length - Vector<float>.Count; at += Vector<float>.Count)
        {
            var low = Vector<double>.Zero;
            var high = Vector<double>.Zero;
            for (var i = 0; i < _count; i++)
            {
                Vector.Widen(Vector.LoadUnsafe(ref _latents[i].Reference, (nuint)at), out var a, out var b);
                var c = new Vector<double>(_coefficients[i]);
                low += c * a;
                high += c * b;
            }
            Vector.Narrow(low, high).StoreUnsafe(ref target, (nuint)at);
        }
        for (; at < length; at++)
        {
            var sum = 0.0;
            for (var i = 0; i < _count; i++)
                sum += _coefficients[i] * Unsafe.Add(ref _latents[i].Reference, at);
            Unsafe.Add(ref target, at) = (float)sum;
        }
    }

    [InlineArray(MaxTerms)]
    private struct Coefficients
    {
        private double _first;
    }

    [InlineArray(MaxTerms)]
    private struct Latents
    {
        private Latent _first;
    }
}

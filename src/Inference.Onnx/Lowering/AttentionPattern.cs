namespace Inference.Onnx;

/// <summary>
/// Scaled dot-product attention as exporters write it: softmax(q·kᵀ·scale)·v over [batch, heads, tokens, width], and the transposition of its result to
/// [batch, tokens, heads, width].
/// </summary>
/// <param name="Query">Scaled queries [batch, heads, tokens, width].</param>
/// <param name="Key">Keys [batch, heads, tokens, width], before the scale.</param>
/// <param name="Value">Values [batch, heads, tokens, width].</param>
/// <param name="Scales">Numbers that scores are multiplied by besides.</param>
/// <param name="Divisors">Numbers that scores are divided by.</param>
/// <param name="Heads">Number of heads.</param>
/// <param name="Result">The node that gives [batch, tokens, heads, width].</param>
internal sealed record AttentionPattern(HeadsOf Query, HeadsOf Key, HeadsOf Value, string[] Scales, string[] Divisors, long Heads, OnnxNode Result);

/// <summary>Where the heads of an attention come from.</summary>
/// <param name="Source">A value [batch, tokens, heads, width], or, if transposed, [batch, heads, tokens, width].</param>
/// <param name="IsTransposed">Which of the two.</param>
internal readonly record struct HeadsOf(string Source, bool IsTransposed);

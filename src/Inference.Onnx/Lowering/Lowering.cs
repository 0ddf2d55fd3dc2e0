namespace Inference.Onnx;

/// <summary>
/// Brings a graph to the provider: the last edits before it is opened. Graphs are analysed and derived as they were exported, so that every form of a
/// network goes the same way.
/// </summary>
/// <param name="options">What is asked for.</param>
/// <param name="onCpu">Whether the CPU alone runs it.</param>
internal sealed class Lowering(NetworkOptions options, bool onCpu)
{
    /// <summary>As exported.</summary>
    public static Lowering None { get; } = new(new(), onCpu: false);

    /// <summary>Whether any graph is changed.</summary>
    public bool IsNone => options.Precision == Precision.Float32 && options.Attention == AttentionForm.Exported && !onCpu;

    public Precision Precision => options.Precision;

    /// <summary>The graph to open.</summary>
    /// <param name="model">The exported or derived graph; it stays as it is.</param>
    /// <param name="weights">Holds its weights.</param>
    /// <exception cref="PrecisionException">The graph cannot be brought to the precision.</exception>
    public OnnxModel Of(OnnxModel model, GraphWeights weights)
    {
        if (IsNone)
            return model;
        var lowered = model.Copy();
        NodeOrder.Apply(lowered);
        if (options.Attention == AttentionForm.Fused)
            FusedAttention.Apply(lowered);
        if (onCpu)
            RowNorms.Apply(lowered);
        switch (options.Precision)
        {
            case Precision.Int8:
                Int8Products.Apply(lowered, weights);
                break;
            case Precision.Float16:
                HalfPrecision.Apply(lowered, OnnxTensor.HalfType);
                break;
            case Precision.BFloat16:
                HalfPrecision.Apply(lowered, OnnxTensor.BFloatType);
                break;
        }
        return lowered;
    }
}

/// <summary>A network cannot run in a precision; the message names it.</summary>
/// <param name="precision">The precision.</param>
/// <param name="reason">Why, as the end of a sentence.</param>
/// <param name="inner">The cause.</param>
public sealed class PrecisionException(Precision precision, string reason, Exception? inner = null) : Exception($"precision {Precisions.NameOf(precision)} cannot be used: {reason}", inner);

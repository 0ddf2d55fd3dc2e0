namespace Inference.Onnx;

/// <summary>What the heavy parts of a network compute in. Norms, softmax and timestep embedding stay float32 in all of them.</summary>
public enum Precision
{
    /// <summary>As exported.</summary>
    Float32,

    /// <summary>IEEE half: 11 significant bits, up to 65504.</summary>
    Float16,

    /// <summary>Half of a float32: 8 significant bits, its whole range.</summary>
    BFloat16,

    /// <summary>Products of tokens and weights in 8-bit integers; each token is scaled by its own largest value, each column of the weights by its.</summary>
    Int8,
}

/// <summary>How attention is computed.</summary>
public enum AttentionForm
{
    /// <summary>As the export writes it: product, softmax, product.</summary>
    Exported,

    /// <summary>By the provider's fused operator where shapes allow.</summary>
    Fused,
}

/// <summary>How networks are brought to the provider. Text encoders and autoencoders run as they were exported.</summary>
public sealed record NetworkOptions
{
    public Precision Precision { get; init; }

    public AttentionForm Attention { get; init; }
}

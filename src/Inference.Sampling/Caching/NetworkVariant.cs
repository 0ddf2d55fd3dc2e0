namespace Inference.Sampling;

/// <summary>The forms of a network by which a row can be evaluated. All but <see cref="Full"/> exchange values inside the network (<see cref="IFeatures"/>),
/// numbered as given here.</summary>
public enum NetworkVariant
{
    /// <summary>As it was exported.</summary>
    Full,

    /// <summary>The whole network; gives the output of every residual branch before its gate.</summary>
    TappedModules,

    /// <summary>Takes what <see cref="TappedModules"/> gives and computes what is left: embeddings, gates, sums, final layer.</summary>
    CachedModules,

    /// <summary>The whole network; gives the output of every attention.</summary>
    TappedAttention,

    /// <summary>Takes what <see cref="TappedAttention"/> gives and computes what is left.</summary>
    CachedAttention,

    /// <summary>Up to the first block; gives its residual in the image stream, then the streams after it, the image's first. No output.</summary>
    Head,

    /// <summary>Takes the streams after the first block; gives the residual of the blocks behind it.</summary>
    Body,

    /// <summary>Takes the image stream after the first block and the residual of the blocks behind it; computes the final layer.</summary>
    Tail,

    /// <summary>The whole network; gives the residual of all blocks in the image stream.</summary>
    TappedStack,

    /// <summary>Takes the residual of all blocks; computes embedding and final layer.</summary>
    CachedStack,
}

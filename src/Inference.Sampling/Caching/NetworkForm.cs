namespace Inference.Sampling;

/// <summary>What kind of form of a network evaluates a row. All but <see cref="Full"/> exchange values inside the network (<see cref="IFeatures"/>),
/// numbered as given here.</summary>
public enum NetworkForm
{
    /// <summary>As it was exported.</summary>
    Full,

    /// <summary>The whole network; gives the output of every residual branch before its gate.</summary>
    TappedModules,

    /// <summary>Takes what <see cref="TappedModules"/> gives and computes what is left: embeddings, gates, sums, final layer.</summary>
    CachedModules,

    /// <summary>Takes what <see cref="TappedModules"/> gives but for the last block, which it computes; gives the outputs of that block's branches.</summary>
    VerifiedModules,

    /// <summary>The whole network; gives the output of every attention.</summary>
    TappedAttention,

    /// <summary>Takes what <see cref="TappedAttention"/> gives and computes what is left.</summary>
    CachedAttention,

    /// <summary>Up to the first blocks; gives their residual in the image stream, then the streams after them, the image's first. No output.</summary>
    Head,

    /// <summary>Takes the streams after the first blocks; gives, for each stream the tail takes, the residual of the blocks between them and the last ones.</summary>
    Body,

    /// <summary>Takes the streams after the first blocks, then the residual of the blocks behind them for each; computes the last blocks and the final layer.</summary>
    Tail,

    /// <summary>The whole network; gives the residual of all blocks in the image stream.</summary>
    TappedStack,

    /// <summary>Takes the residual of all blocks; computes embedding and final layer.</summary>
    CachedStack,

    /// <summary>Up to what the first attention reads of the image stream, and gives that: the first block's input, normalized and modulated. No output.</summary>
    Modulated,

    /// <summary>The whole U-Net; gives what comes up from below at a skip connection.</summary>
    TappedDeep,

    /// <summary>Takes what <see cref="TappedDeep"/> gives and computes the outer part of the U-Net alone.</summary>
    CachedDeep,
}

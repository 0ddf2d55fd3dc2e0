using Inference.Batching;

namespace Inference.Onnx;

/// <summary>What a denoiser graph does not say about itself.</summary>
public sealed record DenoiserOptions
{
    /// <summary>Channels the network returns, at least those of the latent; the ones after them are learned variances, which samplers do not use.</summary>
    public required int OutputChannels { get; init; }

    /// <summary>Factor on the timestep on its way into the graph: 0.001 where the graph takes the noise share (FLUX).</summary>
    public double TimestepScale { get; init; } = 1;

    /// <summary>The largest timestep the network is asked for, before <see cref="TimestepScale"/>.</summary>
    public double LargestTimestep { get; init; } = 999;

    /// <summary>Batch sizes the provider wants; the rows that pad a batch repeat its last one.</summary>
    public BatchBuckets Buckets { get; init; } = BatchBuckets.Any;
}

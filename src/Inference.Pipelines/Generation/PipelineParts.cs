using System.Collections.Immutable;
using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What a family puts together for one model.</summary>
internal sealed record PipelineParts
{
    public required ITextConditioner Text { get; init; }

    /// <summary>The network; the pipeline's batcher owns it.</summary>
    public required IBatchEvaluator Denoiser { get; init; }

    public required VaeDecoder Decoder { get; init; }

    /// <summary>Turns a request's sampler and steps into integrator and trajectory.</summary>
    public required SamplingPlanner Planner { get; init; }

    /// <summary>Sizes the model generates, the default first.</summary>
    public required ImmutableArray<ImageSize> Sizes { get; init; }

    /// <summary>Latent shape of a picture size.</summary>
    public required Func<ImageSize, LatentShape> LatentOf { get; init; }

    public required int DefaultSteps { get; init; }

    public required double DefaultGuidanceScale { get; init; }
}

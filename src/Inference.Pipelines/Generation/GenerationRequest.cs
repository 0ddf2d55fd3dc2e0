using System.Collections.Immutable;
using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What to generate. Null takes the model's default.</summary>
public sealed record GenerationRequest
{
    /// <summary>What the picture shows; empty for class-conditional models.</summary>
    public required string Prompt { get; init; }

    /// <summary>Classes for class-conditional models, from 0: one for all pictures, or one a picture. Empty for models of prompts.</summary>
    public ImmutableArray<int> ClassLabels { get; init; } = [];

    /// <summary>The picture to start from (image-to-image); null starts from noise. Resized to <see cref="Size"/>, or taken at the nearest allowed size.</summary>
    public RgbImage? Image { get; init; }

    /// <summary>How much of the schedule is run on <see cref="Image"/>, above 0 up to 1; null is 0.8.</summary>
    public double? Strength { get; init; }

    /// <summary>What it should not show; null is the empty prompt.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Size in pixels.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>Number of denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Classifier-free guidance scale; 1 is off.</summary>
    public double? GuidanceScale { get; init; }

    /// <summary>Name or alias of the sampler; null is the model's own scheduler.</summary>
    public string? Sampler { get; init; }

    /// <summary>Sigma schedule: karras, exponential, beta, ...; null is the model's own, or what the sampler's name implies.</summary>
    public string? Schedule { get; init; }

    /// <summary>Exponent of the schedules karras, polynomial and polyexponential; null is the schedule's own.</summary>
    public double? Rho { get; init; }

    /// <summary>Timestep spacing: linspace, leading or trailing; null is the model's own.</summary>
    public string? Spacing { get; init; }

    /// <summary>Shift factor of a flow model; null is the model's own.</summary>
    public double? FlowShift { get; init; }

    /// <summary>Timesteps to visit, strictly descending; takes the place of <see cref="Steps"/>.</summary>
    public IReadOnlyList<double>? Timesteps { get; init; }

    /// <summary>Levels σ/α to visit, strictly descending; takes the place of <see cref="Steps"/>.</summary>
    public IReadOnlyList<double>? Sigmas { get; init; }

    /// <summary>Share of the steps after which denoising stops, above 0 to 1; the picture shows the noise that is left.</summary>
    public double End { get; init; } = 1;

    /// <summary>Level σ/α below which no step leads; null is none.</summary>
    public double? EndSigma { get; init; }

    /// <summary>Options of the sampler by name: double, string or bool.</summary>
    public IReadOnlyDictionary<string, object>? SamplerOptions { get; init; }

    /// <summary>Guidance rescale φ, 0 to 1; 0 is off.</summary>
    public double GuidanceRescale { get; init; }

    /// <summary>Levels σ/α between which guidance is on; null is everywhere.</summary>
    public (double Low, double High)? GuidanceInterval { get; init; }

    /// <summary>Cosine of conditional and unconditional prediction above which guidance ends; null is never.</summary>
    public double? GuidanceAdaptiveThreshold { get; init; }

    /// <summary>Cache policy with its options; null computes every step in full.</summary>
    public CacheRequest? Cache { get; init; }

    /// <summary>Cache preset (<see cref="Inference.Pipelines.CachePreset.Names"/>) in place of <see cref="Cache"/>; null is none.</summary>
    public string? CachePreset { get; init; }

    /// <summary>Method that takes several steps side by side, with its options; null takes one after the other.</summary>
    public ParallelRequest? Parallel { get; init; }

    /// <summary>Which generator's noise a seed stands for.</summary>
    public NoiseSource Noise { get; init; }

    /// <summary>Seed of the first picture; picture i has seed + i.</summary>
    public long Seed { get; init; }

    /// <summary>Number of pictures.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Whether its rows may share evaluations with other requests; solo gives the same bytes on every run.</summary>
    public LaneSharing Sharing { get; init; }
}

/// <summary>The noise streams there are.</summary>
public enum NoiseSource
{
    /// <summary>torch's CPU generator, as diffusers' examples and most users seed it.</summary>
    Cpu,

    /// <summary>The Philox stream of CUDA devices.</summary>
    Gpu,
}

/// <summary>Largest values that requests may ask for.</summary>
public sealed record GenerationLimits
{
    /// <summary>Denoising steps, ≥ 1.</summary>
    public int MaxSteps { get; init; } = 200;

    /// <summary>Pictures a request, ≥ 1.</summary>
    public int MaxCount { get; init; } = 10;

    /// <summary>Characters of a prompt, ≥ 1.</summary>
    public int MaxPromptLength { get; init; } = 10_000;

    /// <summary>Guidance scale, ≥ 1.</summary>
    public double MaxGuidanceScale { get; init; } = 50;

    /// <summary>Network rows of one picture in one evaluation, ≥ 2: bounds the windows that requests choose.</summary>
    public int MaxGroupRows { get; init; } = 256;

    /// <summary>Width times height of a picture, ≥ 1.</summary>
    public long MaxPixels { get; init; } = 2048L * 2048;
}

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Parameter">Name of the field as requests spell it.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
public sealed record RequestProblem(string Parameter, string Message);

/// <summary>A request asks for what cannot be served; all problems at once.</summary>
public sealed class InvalidRequestException(IReadOnlyList<RequestProblem> problems) : Exception(string.Join(" ", problems.Select(problem => problem.Message)))
{
    /// <summary>The problems, at least one.</summary>
    public IReadOnlyList<RequestProblem> Problems { get; } = problems;
}

/// <summary>A generation ran but its result is no picture (not finite, or one colour only).</summary>
public sealed class GenerationFailedException(string message) : Exception(message);

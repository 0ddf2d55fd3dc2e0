using Inference.Onnx;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>What a family puts together for one model.</summary>
internal sealed record PipelineParts : IDisposable
{
    public required IConditioner Conditioner { get; init; }

    /// <summary>The network; the pipeline's batcher owns it.</summary>
    public required DenoiserEvaluator Denoiser { get; init; }

    public required VaeDecoder Decoder { get; init; }

    /// <summary>The way from a picture to a latent; null where the model has none.</summary>
    public VaeEncoder? Encoder { get; init; }

    /// <summary>The scheduler the model was published with.</summary>
    public required SchedulerConfig Scheduler { get; init; }

    /// <summary>Turns the sampling options of a request into a plan.</summary>
    public SamplingPlanner Planner => new(Scheduler);

    public required SizeRule Sizes { get; init; }

    public required int DefaultSteps { get; init; }

    public required double DefaultGuidanceScale { get; init; }

    /// <summary>What requests say to this model: prompts or labels.</summary>
    public PromptRules Prompts { get; init; } = PromptRules.Text;

    /// <summary>How the size of the picture and the start of a trajectory become options of the sampler.</summary>
    public ISamplingRule Sampling { get; init; } = SamplingRules.Plain;

    /// <summary>Where the noise of each picture comes from.</summary>
    public INoiseRule Noise { get; init; } = NoiseRules.SeedPerPicture;

    /// <summary>What calibration measured.</summary>
    public ModelCalibration Calibration { get; init; } = ModelCalibration.None;

    /// <summary>The Picard consistency model that comes with the network; the pipeline's batcher owns it. Null where there is none.</summary>
    public DenoiserEvaluator? Consistency { get; init; }

    /// <summary>What it needs of the memory; null where that is not looked at.</summary>
    public ModelMemory? Memory { get; init; }

    /// <summary>States of runs that later ones may start from.</summary>
    public FormerRuns FormerRuns { get; } = new();

    /// <summary>Latent shape of a picture size.</summary>
    public LatentShape LatentOf(ImageSize size) => new(Decoder.Scaling.Channels, size.Height / Decoder.Factor, size.Width / Decoder.Factor);

    /// <summary>Whether each step evaluates a row without the prompt too, at a guidance scale.</summary>
    public bool IsGuided(double scale) => scale != 1 && (Prompts.Classes > 0 || Prompts.NoNegativePrompt is null);

    /// <summary>Disposes everything but the denoiser, which belongs to the batcher.</summary>
    public void Dispose()
    {
        Conditioner.Dispose();
        Decoder.Dispose();
        Encoder?.Dispose();
    }
}

/// <summary>What requests say to a model.</summary>
internal sealed record PromptRules
{
    /// <summary>A prompt, and a negative prompt if one likes.</summary>
    public static PromptRules Text { get; } = new();

    /// <summary>Number of classes of a class-conditional model, which takes labels and no prompts; 0 for models of prompts.</summary>
    public int Classes { get; init; }

    /// <summary>Why the model takes no negative prompt; null where it does.</summary>
    public string? NoNegativePrompt { get; init; }

    /// <summary>Why guidance has no effect on the model; null where it has.</summary>
    public string? NoGuidance { get; init; }
}

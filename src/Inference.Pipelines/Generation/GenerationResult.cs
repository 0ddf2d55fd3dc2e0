using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The pictures of one request and what they took.</summary>
public sealed record GenerationResult(IReadOnlyList<GeneratedImage> Images, GenerationSettings Settings, TimeSpan TextTime, IReadOnlyList<string> Warnings);

/// <summary>What was really used, defaults filled in.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Sampler">Canonical id of the sampler.</param>
/// <param name="Steps">Denoising steps.</param>
/// <param name="GuidanceScale">Guidance scale.</param>
/// <param name="Size">Size in pixels.</param>
/// <param name="Evaluations">Calls of the guided denoiser that a picture will take; null where it depends on the data.</param>
public sealed record GenerationSettings(string Model, string Sampler, int Steps, double GuidanceScale, ImageSize Size, int? Evaluations)
{
    /// <summary>Id of the cache policy; null where nothing is cached.</summary>
    public string? Cache { get; init; }

    /// <summary>Id of the parallel method; null where steps follow each other.</summary>
    public string? Parallel { get; init; }
}

/// <summary>One picture.</summary>
/// <param name="Image">Its pixels.</param>
/// <param name="Seed">Seed of its noise.</param>
/// <param name="Parameters">How it was made, in the text form that pictures carry as metadata.</param>
/// <param name="Evaluations">Calls of the guided denoiser, guidance counted once.</param>
/// <param name="Rows">Network rows evaluated.</param>
/// <param name="Met">Network batches its rows were in.</param>
/// <param name="DenoiseTime">From the opening of its lane to the last step.</param>
/// <param name="DecodeTime">Autoencoder, its queue included.</param>
public sealed record GeneratedImage(
    RgbImage Image, long Seed, string Parameters, int Evaluations, int Rows, BatchesMet Met, TimeSpan DenoiseTime, TimeSpan DecodeTime)
{
    /// <summary>What feature caching did; null where nothing was cached.</summary>
    public CacheUse? Cache { get; init; }

    /// <summary>What sampling in parallel took; null where steps followed each other.</summary>
    public ParallelUse? Parallel { get; init; }

    /// <summary>Name under which the states of the run are kept; null: they are not.</summary>
    public string? Run { get; init; }

    /// <summary>The picture as the bytes of a file, with its <see cref="Parameters"/> inside.</summary>
    /// <param name="encoding">Format and quality.</param>
    /// <exception cref="ImageCodecException">It is too large for the format.</exception>
    public byte[] Encode(ImageEncoding encoding) => ImageCodecs.Vips.Encode(Image, encoding, Parameters);
}

/// <summary>What feature caching did for one picture.</summary>
/// <param name="Policy">Id of the policy; <see cref="NoPolicy"/> where a preset computes every step in full.</param>
/// <param name="FullShare">Share of the rows of which the whole network was computed, 0 to 1.</param>
/// <param name="FullSteps">Steps whose row with the prompt was computed in full.</param>
/// <param name="Bytes">Bytes its features took.</param>
public sealed record CacheUse(string Policy, double FullShare, IReadOnlyList<int> FullSteps, long Bytes)
{
    /// <summary>Rows of which the whole network was computed.</summary>
    public int FullRows { get; init; }

    /// <summary>Stands for no policy.</summary>
    public const string NoPolicy = "none";
}

/// <summary>Watches a generation. Called from several threads when a request has several pictures.</summary>
public interface IGenerationObserver
{
    /// <summary>A picture finished a step, or a stage of one. Samplers of several stages a step tell of each.</summary>
    void OnStep(in PictureStep step)
    {
    }

    /// <summary>A picture joins the batches: its denoising loop begins.</summary>
    /// <param name="image">Index of the picture in its request.</param>
    void OnJoined(int image)
    {
    }

    /// <summary>A batch with a picture's rows was evaluated. Called on the device thread, so it must be quick.</summary>
    /// <param name="image">Index of the picture in its request.</param>
    /// <param name="batch">The batch, rows of other requests included.</param>
    void OnBatch(int image, in BatchReport batch)
    {
    }

    /// <summary>A picture is denoised and its lane closed; decoding is left.</summary>
    /// <param name="image">Index of the picture in its request.</param>
    void OnDenoised(int image)
    {
    }
}

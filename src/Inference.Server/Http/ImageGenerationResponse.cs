namespace Inference.Server;

/// <summary>Response of <c>POST /v1/images/generations</c>: OpenAI's fields, and an <c>inference</c> object.</summary>
public sealed record ImageGenerationResponse(
    long Created, IReadOnlyList<ImageData> Data, string OutputFormat, string Size, string Quality, string Background, InferenceReport Inference)
{
    internal static ImageGenerationResponse Of(FinishedGeneration finished, DateTimeOffset now) => new(
        now.ToUnixTimeSeconds(), [.. finished.Files.Select(file => new ImageData(Convert.ToBase64String(file)))],
        finished.Format, finished.Result.Settings.Size.ToString(), "auto", "opaque", finished.Report);
}

/// <summary>One encoded picture.</summary>
public sealed record ImageData(string B64Json);

/// <summary>What was done, and what it took.</summary>
public sealed record InferenceReport(
    string Model, string Version, string Sampler, int Steps, double GuidanceScale, int Evaluations, IReadOnlyList<ImageReport> Images, TimingReport TimingsMs, IReadOnlyList<string> Warnings)
{
    /// <summary>The request's part in an experiment; null where it has none.</summary>
    public ExperimentPart? Experiment { get; init; }
}

/// <param name="Seed">Seed of the picture's noise.</param>
/// <param name="Evaluations">Calls of the guided denoiser, guidance counted once.</param>
/// <param name="Rows">Network rows evaluated.</param>
/// <param name="Batches">Network batches its rows were in.</param>
/// <param name="MeanBatchRows">Mean rows of those batches, other requests' rows included.</param>
/// <param name="BatchSizes">Numbers of those batches by their rows.</param>
/// <param name="Cache">What feature caching did; null where the request did not ask for it.</param>
/// <param name="Parallel">What sampling in parallel took; null where the request did not ask for it.</param>
public sealed record ImageReport(long Seed, int Evaluations, int Rows, int Batches, double MeanBatchRows, IReadOnlyDictionary<int, int> BatchSizes, CacheReport? Cache, ParallelReport? Parallel);

/// <param name="Policy">Id of the cache policy.</param>
/// <param name="FullShare">Realised share of full steps: rows of which the whole network was computed, 0 to 1.</param>
/// <param name="Bytes">Bytes its features took.</param>
public sealed record CacheReport(string Policy, double FullShare, long Bytes);

/// <param name="Method">Id of the parallel method.</param>
/// <param name="Iterations">Passes of the method: windows, sweeps or rounds.</param>
/// <param name="Rounds">Groups evaluated one after the other; the plain run has one a step.</param>
/// <param name="Evaluations">Evaluations of the guided denoiser, those of a consistency model included.</param>
/// <param name="Windows">First step, and step after the last, that each iteration evaluated.</param>
/// <param name="Run">Name under which the states of the run are kept for <c>warm_start</c>; null: they are not.</param>
public sealed record ParallelReport(string Method, int Iterations, int Rounds, int Evaluations, IReadOnlyList<IReadOnlyList<int>> Windows, string? Run);

/// <summary>Milliseconds by stage; denoise and decode are the longest of the request's pictures, which run side by side.</summary>
public sealed record TimingReport(double Queue, double Text, double Denoise, double Decode, double Encode, double Total);

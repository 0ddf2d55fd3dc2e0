using Inference.Batching;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>A request as an endpoint read it.</summary>
/// <param name="Body">Its fields.</param>
/// <param name="Image">The picture to start from, or null.</param>
/// <param name="ImageFile">The file it came as, or null.</param>
internal sealed record ImageRequest(ImageGenerationBody Body, RgbImage? Image, byte[]? ImageFile = null);

/// <summary>A checked request with the model it was checked against, which stays loaded until this is disposed.</summary>
internal sealed record PreparedGeneration(ModelLease Lease, CheckedRequest Checked, PredictedCost Cost) : IDisposable
{
    /// <summary>The request's part in an experiment; null where it has none.</summary>
    public Participation? Participation { get; init; }

    public DiffusionPipeline Pipeline => Lease.Pipeline;

    public void Dispose() => Lease.Dispose();
}

/// <summary>The pictures of a request, encoded, and what they took.</summary>
/// <param name="Result">The pictures.</param>
/// <param name="Files">Each as a file.</param>
/// <param name="Format">png, jpeg or webp.</param>
/// <param name="Report">The accounting.</param>
internal sealed record FinishedGeneration(GenerationResult Result, IReadOnlyList<byte[]> Files, string Format, InferenceReport Report);

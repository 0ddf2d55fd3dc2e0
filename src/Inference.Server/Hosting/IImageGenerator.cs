namespace Inference.Server;

/// <summary>
/// Generates pictures in the process that hosts it, without HTTP: the fields, queue, limits, batches and metrics of <c>POST /v1/images/generations</c>. Get it
/// from the services after <see cref="InferenceHosting.AddInference"/>.
/// </summary>
public interface IImageGenerator
{
    /// <summary>Waits for the models, then for the request's turn, and generates its pictures.</summary>
    /// <param name="request">The fields of a request. What says how an answer is sent (<c>stream</c>, <c>response_format</c>) has no meaning here and is refused.</param>
    /// <param name="cancellationToken">Ends the request: at once while it waits, within one step while it runs.</param>
    /// <exception cref="ImageGenerationException">The request cannot be served, is not let in, or failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Task<GeneratedPictures> GenerateAsync(ImageGenerationBody request, CancellationToken cancellationToken = default);
}

/// <summary>The pictures of a request.</summary>
/// <param name="Files">Each as the bytes of a file of <paramref name="Format"/>.</param>
/// <param name="Format">png, jpeg or webp.</param>
/// <param name="Report">What was done, and what it took.</param>
public sealed record GeneratedPictures(IReadOnlyList<byte[]> Files, string Format, InferenceReport Report);

/// <summary>A request for pictures has no result; the fields are those of the API's errors.</summary>
/// <param name="error">The error that the API would have answered with.</param>
/// <param name="inner">What was thrown.</param>
public sealed class ImageGenerationException(OpenAiError error, Exception inner) : Exception(error.Message, inner)
{
    /// <summary>What is wrong, which field, and a code for programs.</summary>
    public OpenAiError Error { get; } = error;

    /// <summary>When to try again, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

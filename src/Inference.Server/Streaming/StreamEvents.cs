using System.Text.Json.Serialization;

namespace Inference.Server;

/// <summary>A preview of a picture: OpenAI's fields, and which picture and step it is.</summary>
/// <param name="Type"><c>image_generation.partial_image</c> or <c>image_edit.partial_image</c>.</param>
/// <param name="B64Json">The encoded preview, at the size of the final picture.</param>
/// <param name="CreatedAt">Unix time in seconds.</param>
/// <param name="PartialImageIndex">Number of the preview of this picture, from 0.</param>
/// <param name="ImageIndex">Number of the picture in the request, from 0.</param>
/// <param name="Step">Steps finished.</param>
/// <param name="Steps">Steps in all.</param>
public sealed record PartialImageEvent(
    string Type, string B64Json, long CreatedAt, string Size, string Quality, string Background, string OutputFormat, int PartialImageIndex, int ImageIndex, int Step, int Steps);

/// <summary>A finished picture: OpenAI's fields, and the accounting of the request.</summary>
public sealed record CompletedImageEvent(
    string Type, string B64Json, long CreatedAt, string Size, string Quality, string Background, string OutputFormat, StreamUsage Usage, int ImageIndex, InferenceReport Inference);

/// <summary>Where a request stands, for clients that ask for it with <c>progress</c>.</summary>
/// <param name="Type"><c>image_generation.progress</c> or <c>image_edit.progress</c>.</param>
/// <param name="Status">queued or running.</param>
/// <param name="Position">Requests that start before it; null once it runs.</param>
/// <param name="StartsInMs">Predicted milliseconds until it starts; null once it runs.</param>
/// <param name="Pictures">Its pictures.</param>
public sealed record ProgressEvent(string Type, string Status, int? Position, double? StartsInMs, IReadOnlyList<PictureProgress> Pictures)
{
    // The forecast changes by itself; only what has happened is news.
    internal bool Differs(ProgressEvent? other) => other is null || (Status, Position) != (other.Status, other.Position) || !Pictures.SequenceEqual(other.Pictures);
}

/// <summary>The steps of one picture.</summary>
/// <param name="ImageIndex">Number of the picture in the request, from 0.</param>
/// <param name="Step">Steps finished.</param>
/// <param name="Steps">Steps in all; null before the first is finished.</param>
public sealed record PictureProgress(int ImageIndex, int Step, int? Steps);

/// <summary>OpenAI's token counts, which its clients expect in a stream. This server charges no tokens: all are 0.</summary>
public sealed record StreamUsage(int InputTokens, StreamUsageDetails InputTokensDetails, int OutputTokens, int TotalTokens)
{
    public static StreamUsage None { get; } = new(0, new(0, 0), 0, 0);
}

/// <inheritdoc cref="StreamUsage"/>
public sealed record StreamUsageDetails(int ImageTokens, int TextTokens);

/// <summary>A request failed after its stream began; official clients throw it.</summary>
public sealed record StreamErrorEvent(OpenAiError Error)
{
    [JsonPropertyOrder(-1)]
    public string Type => StreamEventNames.Error;
}

/// <summary>Names of the events of one endpoint.</summary>
internal sealed record StreamEventNames(string PartialImage, string Completed, string Progress)
{
    public const string Error = "error";

    public static StreamEventNames Generation { get; } = new("image_generation.partial_image", "image_generation.completed", "image_generation.progress");

    public static StreamEventNames Edit { get; } = new("image_edit.partial_image", "image_edit.completed", "image_edit.progress");
}

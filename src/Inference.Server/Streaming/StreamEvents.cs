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
internal sealed record StreamEventNames(string PartialImage, string Completed)
{
    public const string Error = "error";

    public static StreamEventNames Generation { get; } = new("image_generation.partial_image", "image_generation.completed");

    public static StreamEventNames Edit { get; } = new("image_edit.partial_image", "image_edit.completed");
}

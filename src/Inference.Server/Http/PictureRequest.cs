using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inference.Server;

/// <summary>The request that makes one picture again, as PNG files carry it: what was asked, with the model and the picture's own seed.</summary>
internal static class PictureRequest
{
    private static readonly ServerJson Written = new(new JsonSerializerOptions(ServerJson.Default.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull });

    /// <summary>Its JSON. What says who asked, when it had to be done and how it was sent does not belong to the picture.</summary>
    public static string Of(CheckedRequest request, long seed) => JsonSerializer.Serialize(
        request.Body with
        {
            Model = request.Settings.Model,
            Seed = seed,
            N = null,
            User = null,
            ResponseFormat = null,
            OutputFormat = null,
            OutputCompression = null,
            Stream = null,
            PartialImages = null,
            Preview = null,
            PreviewEvery = null,
            Progress = null,
            TimeoutMs = null,
            Priority = null,
            // What its arm set is among the fields.
            Experiment = null,
        },
        Written.ImageGenerationBody);
}

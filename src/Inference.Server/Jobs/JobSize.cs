using System.Text.Json;

namespace Inference.Server;

/// <summary>Upper bounds of what a job takes on disk, in bytes.</summary>
internal static class JobSize
{
    // How a job ended is written into its record later.
    private const long Ending = 2 << 10;

    // Around the pixels: chunks of the file, parameters as metadata, JSON around it all.
    private const long Overhead = 64 << 10;

    /// <summary>The record.</summary>
    public static long OfRecord(JobRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, ServerJson.Default.JobRecord).Length + Ending;

    /// <summary>The response with its pictures in base64, were none of them compressible.</summary>
    public static long OfResult(CheckedRequest request)
    {
        var size = request.Settings.Size;
        var pixels = 3L * size.Width * size.Height;
        // As parameters and as JSON of the request, where a character may be six.
        var text = 10L * (request.Request.Prompt.Length + (request.Request.NegativePrompt?.Length ?? 0));
        // Base64 is four characters for three bytes; deflate never adds more than a hundredth.
        return Overhead + request.Request.Count * ((pixels + pixels / 100 + text + Overhead) * 4 / 3);
    }
}

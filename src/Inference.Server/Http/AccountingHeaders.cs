using System.Text.Json;

namespace Inference.Server;

/// <summary>The accounting of a response as headers, for those that have no room for it in their bodies.</summary>
internal static class AccountingHeaders
{
    /// <summary>Writes <c>server-timing</c> (milliseconds by stage), <c>x-inference-seed</c> and <c>x-inference</c>: the <c>inference</c> object of JSON responses, as ASCII.</summary>
    public static void Write(HttpResponse response, FinishedGeneration finished)
    {
        var timings = finished.Report.TimingsMs;
        response.Headers["server-timing"] = FormattableString.Invariant(
            $"queue;dur={timings.Queue}, text;dur={timings.Text}, denoise;dur={timings.Denoise}, decode;dur={timings.Decode}, encode;dur={timings.Encode}");
        response.Headers["x-inference-seed"] = finished.Result.Images[0].Seed.ToString();
        // The serializer escapes everything that is not ASCII and all control characters.
        response.Headers["x-inference"] = JsonSerializer.Serialize(finished.Report, ServerJson.Default.InferenceReport);
    }
}

using System.Text;
using System.Text.Json;

namespace Inference.LoadTest;

/// <summary>Whether the JSON of an answer holds the pictures that were asked for, and what times it reports.</summary>
internal static class AnswerCheck
{
    /// <summary>A response body: <c>data</c> with <c>b64_json</c> or <c>url</c>.</summary>
    public static (Failure? Failure, IReadOnlyList<StageTime> Stages) Response(ReadOnlyMemory<byte> body, ImageRequest request)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array)
                return (Wrong("no data", $"the answer has no list 'data': {Excerpt(body.Span)}"), []);
            if (data.GetArrayLength() != request.Pictures)
                return (Wrong("number of pictures", $"{data.GetArrayLength()} pictures instead of {request.Pictures}"), []);
            var failure = data.EnumerateArray().Select(picture => Picture(picture, request)).FirstOrDefault(problem => problem is not null);
            return (failure, ServerStages.FromBody(root));
        }
        catch (JsonException)
        {
            return (Wrong("not JSON", $"the answer is not JSON: {Excerpt(body.Span)}"), []);
        }
    }

    /// <summary>An object with <c>b64_json</c> or <c>url</c>; null when it holds a right picture.</summary>
    public static Failure? Picture(JsonElement picture, ImageRequest request)
    {
        if (picture.ValueKind != JsonValueKind.Object)
            return Wrong("no picture", "an entry of 'data' is not an object");
        if (picture.TryGetProperty("b64_json", out var encoded) && encoded.ValueKind == JsonValueKind.String)
            return encoded.TryGetBytesFromBase64(out var bytes) ? Bytes(bytes, request) : Wrong("not base64", "'b64_json' is not base64");
        // Pictures behind an address are not fetched: that would measure another server.
        return picture.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String && Uri.TryCreate(url.GetString(), UriKind.Absolute, out _)
            ? null
            : Wrong("no picture", "an entry of 'data' has neither 'b64_json' nor 'url'");
    }

    public static Failure? Bytes(ReadOnlySpan<byte> bytes, ImageRequest request) => PictureBytes.Problem(bytes, request.Size) is { } problem ? Wrong("wrong picture", problem) : null;

    public static Failure Wrong(string code, string example) => new(FailureKind.WrongContent, code, example);

    /// <summary>The start of a text for a report, on one line.</summary>
    public static string Excerpt(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 300)]);
        return string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim() + (bytes.Length > 300 ? "..." : "");
    }
}

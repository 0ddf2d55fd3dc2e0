using System.Text.Json;

namespace Inference.Fuzz;

/// <summary>Says what is wrong with an answer.</summary>
internal static class Verdict
{
    // Refusals of a field; the others are of the request as a whole.
    private static readonly HashSet<string> OfAField =
        ["invalid_value", "invalid_type", "unknown_parameter", "duplicate_parameter", "unsupported_parameter", "missing_required_parameter", "invalid_image", "model_not_found", "deadline_too_short", "unsupported_content_encoding"];

    /// <summary>What is wrong; null when nothing is. <paramref name="code"/> is the refusal's.</summary>
    public static string? Of(RawRequest request, RawResponse response, out string? code)
    {
        code = null;
        // A request that is cut short, or is no HTTP at all, may find the connection closed.
        if (response.Status == 0)
            return request.IsFramingBroken ? null : "no answer";
        if (response.Status is 500 or 501 or 502 or 503 or > 505)
            return $"status {response.Status}: {Text(response)}";
        if (response.Status < 400 || request.Method == "HEAD" || response.Body.Length == 0 && request.Path.StartsWith("/health", StringComparison.Ordinal))
            return null;
        try
        {
            using var document = JsonDocument.Parse(response.Body);
            var error = document.RootElement.GetProperty("error");
            code = error.GetProperty("code").GetString();
            var (message, parameter) = (error.GetProperty("message").GetString(), error.GetProperty("param").GetString());
            if (string.IsNullOrWhiteSpace(message) || string.IsNullOrEmpty(error.GetProperty("type").GetString()))
                return $"an error without message or type: {Text(response)}";
            return code is not null && OfAField.Contains(code) && parameter is null ? $"an error that names no field: {Text(response)}" : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"status {response.Status} without an OpenAI-shaped body: {Text(response)}";
        }
    }

    private static string Text(RawResponse response) => System.Text.Encoding.UTF8.GetString(response.Body) is var text && text.Length > 400 ? text[..400] : text;
}

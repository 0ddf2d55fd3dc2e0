namespace Inference.Server;

/// <summary>What a request says beside its body.</summary>
/// <param name="Pictures">Picture formats that are preferred to JSON, the best first; empty where the answer is JSON.</param>
/// <param name="Timeout">Text of the timeout header, or null.</param>
/// <param name="RequestId">Id of a request that a client waits for; null of one that runs in the background.</param>
internal sealed record RequestHints(IReadOnlyList<string> Pictures, string? Timeout, string? RequestId = null)
{
    /// <summary>Nothing: JSON, no timeout.</summary>
    public static RequestHints None { get; } = new([], null);

    /// <summary>Reads the headers.</summary>
    public static RequestHints Of(HttpRequest request) => new(AcceptedPictures(request), request.Headers[SchedulingOptions.TimeoutHeader] is [{ } timeout] ? timeout : null, request.HttpContext.TraceIdentifier);

    // RFC 9110, section 12.5.1; quality 0 means "not this".
    private static List<string> AcceptedPictures(HttpRequest request)
    {
        var accepted = new List<string>();
        foreach (var media in request.GetTypedHeaders().Accept.Where(media => media.Quality != 0).OrderByDescending(media => media.Quality ?? 1))
        {
            if (media.MatchesAllTypes || media.Type.Equals("application", StringComparison.OrdinalIgnoreCase) && (media.MatchesAllSubTypes || media.SubType.Equals("json", StringComparison.OrdinalIgnoreCase)))
                break;
            if (media.Type.Equals("image", StringComparison.OrdinalIgnoreCase))
                accepted.AddRange(ImageOptions.Formats.Where(format => media.MatchesAllSubTypes || media.SubType.Equals(format, StringComparison.OrdinalIgnoreCase)));
        }
        return accepted;
    }
}

using Inference.Pipelines;

namespace Inference.Server;

/// <summary>How pictures go out: format, compression, and whether as JSON or as the bytes of one picture.</summary>
/// <param name="FormatName">png, jpeg or webp.</param>
/// <param name="Encoding">The format with its quality.</param>
/// <param name="AsBytes">Whether the Accept header asks for the bytes of a picture.</param>
internal sealed record ImageOptions(string FormatName, ImageEncoding Encoding, bool AsBytes)
{
    private static readonly string[] Formats = ["png", "jpeg", "webp"];

    /// <summary>Reads output_format, output_compression and the Accept header, and refuses OpenAI's fields that cannot be served.</summary>
    public static ImageOptions Read(ImageGenerationBody body, HttpRequest request, List<RequestProblem> problems)
    {
        Allow(problems, "response_format", body.ResponseFormat, "b64_json");
        Allow(problems, "background", body.Background, "auto", "opaque");
        Allow(problems, "quality", body.Quality, "auto", "standard");
        Allow(problems, "style", body.Style, "natural");
        Allow(problems, "moderation", body.Moderation, "auto", "low");
        Allow(problems, "output_format", body.OutputFormat, Formats);
        if (body.Stream == true)
            problems.Add(new("stream", "'stream' must be false: this server does not stream."));
        if (body.User?.Length > 256)
            problems.Add(new("user", "'user' must have at most 256 characters."));

        var accepted = AcceptedPicture(request);
        var format = body.OutputFormat ?? accepted ?? "png";
        if (accepted is not null && accepted != format)
            problems.Add(new("output_format", $"'output_format' is {format}, but the Accept header asks for image/{accepted}."));
        if (accepted is not null && (body.N ?? 1) != 1)
            problems.Add(new("n", "'n' must be 1 when the Accept header asks for the bytes of a picture."));
        if (body.OutputCompression is < 0 or > 100)
            problems.Add(new("output_compression", $"'output_compression' must be from 0 to 100, not {body.OutputCompression}."));
        if (body.OutputCompression is not (null or 100) && format == "png")
            problems.Add(new("output_compression", "'output_compression' is for jpeg and webp; png loses nothing."));
        return new(format, EncodingOf(format, Math.Clamp(body.OutputCompression ?? 90, 1, 100)), accepted is not null);
    }

    private static ImageEncoding EncodingOf(string format, int quality) => format switch
    {
        "jpeg" => ImageEncoding.Jpeg(quality),
        "webp" => ImageEncoding.WebP(quality),
        _ => ImageEncoding.Png(),
    };

    // The first of the Accept header's types that is a picture we make or JSON decides; anything else means JSON.
    private static string? AcceptedPicture(HttpRequest request)
    {
        foreach (var media in request.GetTypedHeaders().Accept.OrderByDescending(media => media.Quality ?? 1))
        {
            if (media.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
                return null;
            if (media.Type.Equals("image", StringComparison.OrdinalIgnoreCase) && Formats.Contains(media.SubType.ToString().ToLowerInvariant()))
                return media.SubType.ToString().ToLowerInvariant();
        }
        return null;
    }

    private static void Allow(List<RequestProblem> problems, string parameter, string? value, params ReadOnlySpan<string> allowed)
    {
        if (value is not null && !allowed.Contains(value))
            problems.Add(new(parameter, $"'{parameter}' must be {string.Join(" or ", allowed.ToArray())}; '{Shorten(value)}' cannot be served."));
    }

    private static string Shorten(string value) => value.Length <= 40 ? value : value[..40] + "...";
}

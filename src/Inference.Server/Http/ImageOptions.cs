using Inference.Pipelines;

namespace Inference.Server;

/// <summary>How pictures go out: format, compression, and whether as JSON or as the bytes of one picture.</summary>
/// <param name="FormatName">png, jpeg or webp.</param>
/// <param name="Encoding">The format with its quality.</param>
/// <param name="AsBytes">Whether the Accept header asks for the bytes of a picture.</param>
internal sealed record ImageOptions(string FormatName, ImageEncoding Encoding, bool AsBytes)
{
    /// <summary>Names of the formats.</summary>
    public static readonly string[] Formats = ["png", "jpeg", "webp"];

    /// <summary>Reads output_format and output_compression, and refuses OpenAI's fields that cannot be served.</summary>
    /// <param name="body">The request.</param>
    /// <param name="accepted">Formats of which the client wants the bytes, the best first; empty for JSON.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static ImageOptions Read(ImageGenerationBody body, IReadOnlyList<string> accepted, List<RequestProblem> problems)
    {
        Allow(problems, "response_format", body.ResponseFormat, "b64_json");
        Allow(problems, "background", body.Background, "auto", "opaque");
        Allow(problems, "quality", body.Quality, "auto", "standard");
        Allow(problems, "style", body.Style, "natural");
        Allow(problems, "moderation", body.Moderation, "auto", "low");
        Allow(problems, "output_format", body.OutputFormat, Formats);
        if (body.User?.Length > 256)
            problems.Add(new("user", "'user' must have at most 256 characters."));

        var asBytes = accepted.Count > 0;
        var format = body.OutputFormat ?? (asBytes ? accepted[0] : "png");
        if (asBytes && !accepted.Contains(format))
            problems.Add(new("output_format", $"'output_format' is {format}, but the Accept header asks for {string.Join(" or ", accepted.Select(name => $"image/{name}"))}."));
        if (asBytes && (body.N ?? 1) != 1)
            problems.Add(new("n", "'n' must be 1 when the Accept header asks for the bytes of a picture."));
        if (body.OutputCompression is < 0 or > 100)
            problems.Add(new("output_compression", $"'output_compression' must be from 0 to 100, not {body.OutputCompression}."));
        if (body.OutputCompression is not (null or 100) && format == "png")
            problems.Add(new("output_compression", "'output_compression' is for jpeg and webp; png loses nothing."));
        return new(format, EncodingOf(format, Math.Clamp(body.OutputCompression ?? 90, 1, 100)), asBytes);
    }

    private static ImageEncoding EncodingOf(string format, int quality) => format switch
    {
        "jpeg" => ImageEncoding.Jpeg(quality),
        "webp" => ImageEncoding.WebP(quality),
        _ => ImageEncoding.Png(),
    };

    private static void Allow(List<RequestProblem> problems, string parameter, string? value, params ReadOnlySpan<string> allowed)
    {
        if (value is not null && !allowed.Contains(value))
            problems.Add(new(parameter, $"'{parameter}' must be {string.Join(" or ", allowed.ToArray())}; '{Shorten(value)}' cannot be served."));
    }

    private static string Shorten(string value) => value.Length <= 40 ? value : value[..40] + "...";
}

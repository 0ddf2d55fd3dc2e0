using System.Text;

namespace Inference.Server;

/// <summary>
/// <c>/studio/...</c>, and <c>/</c> where nothing else is there: the studio, whose files are inside this assembly. The policy allows scripts, styles and requests of this host alone, no
/// inline code, and, by Trusted Types, no text that becomes HTML.
/// </summary>
internal static class StudioEndpoints
{
    /// <summary>Where its files are.</summary>
    public const string Prefix = "/studio";

    private const string Start = "index.html";

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly IReadOnlyDictionary<string, StudioFile> Files = StudioFile.ReadAll();
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (path, file) in Files.Where(entry => entry.Key != Start))
            MapFile(routes, $"{Prefix}/{path}", file);
        // Here the other files lie beside it, at the root below.
        var start = Files[Start] with { Content = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Files[Start].Content).Replace("\"studio/", "\"", StringComparison.Ordinal)) };
        routes.MapMethods($"{Prefix}/", Methods, (HttpContext context) => context.Request.Path.Value!.EndsWith('/')
            ? Answer(context, start)
            : TypedResults.LocalRedirect($"~{Prefix}/")).ExcludeFromDescription();
    }

    /// <summary>Shows it at <c>/</c> too.</summary>
    public static void MapStart(IEndpointRouteBuilder routes) => MapFile(routes, "/", Files[Start]);

    private static void MapFile(IEndpointRouteBuilder routes, string path, StudioFile file) =>
        routes.MapMethods(path, Methods, (HttpContext context) => Answer(context, file)).ExcludeFromDescription();

    /// <summary>Whether a request asks for the studio itself, which has no secrets: who may use the server is asked when it calls the API.</summary>
    public static bool IsStudio(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && (request.Path == "/" || request.Path.StartsWithSegments(Prefix));

    private static IResult Answer(HttpContext context, StudioFile file)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["referrer-policy"] = "no-referrer";
        headers["cross-origin-opener-policy"] = "same-origin";
        headers["cross-origin-resource-policy"] = "same-origin";
        headers["permissions-policy"] = "camera=(), geolocation=(), microphone=()";
        headers.CacheControl = "no-cache";
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.Tag);
    }
}

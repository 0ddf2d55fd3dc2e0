using Microsoft.Net.Http.Headers;

namespace Inference.Server;

/// <summary>Lets requests pass that bear a known key; health and metrics need none, since orchestrators ask them, nor does the studio's own code.</summary>
internal sealed class ApiKeyGate(RequestDelegate next, ApiKeys keys)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (!keys.AreNeeded || IsOpen(context.Request))
            return next(context);
        if (KeyOf(context.Request) is not { } key)
            throw Refused(context, "This server needs an API key: Authorization: Bearer KEY.", "missing_api_key");
        if (keys.HolderOf(key) is not { } holder)
            throw Refused(context, "The API key is not known.", "invalid_api_key");
        context.Features.Set(new KeyHolder(holder));
        return next(context);
    }

    // A browser's preflight request cannot bear a key.
    private static bool IsOpen(HttpRequest request) =>
        request.Path.StartsWithSegments("/health") || request.Path.Equals("/metrics") || StudioEndpoints.IsStudio(request) || HttpMethods.IsOptions(request.Method);

    private static string? KeyOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..].Trim() : null;

    private static BadRequestException Refused(HttpContext context, string message, string code)
    {
        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        return new(HttpError.Invalid(message, "authorization", code, StatusCodes.Status401Unauthorized));
    }
}

/// <summary>Whose key a request bears; a feature of its context where keys are needed.</summary>
internal sealed record KeyHolder(string Name);

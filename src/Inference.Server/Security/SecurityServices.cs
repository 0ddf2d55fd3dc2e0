using Microsoft.Net.Http.Headers;

namespace Inference.Server;

/// <summary>Registers keys, their limits and CORS, and puts them in front of the endpoints.</summary>
internal static class SecurityServices
{
    private const string AnyOrigin = "*";

    public static void AddSecurity(this IServiceCollection services, ServerOptions options)
    {
        // Validated before; errors would have ended the start.
        services.AddSingleton(new ApiKeys(ApiKeyReader.Read(options.Keys, [])));
        services.AddKeyLimits(options.Keys);
    }

    /// <summary>Lets web pages of other origins call, as far as that is configured.</summary>
    public static void AddCrossOrigin(this IServiceCollection services, CorsOptions options)
    {
        if (options.Origins.Length > 0)
            services.AddCors(cors => cors.AddDefaultPolicy(policy =>
            {
                _ = options.Origins is [AnyOrigin] ? policy.AllowAnyOrigin() : policy.WithOrigins(options.Origins);
                policy.WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete)
                    .AllowAnyHeader()
                    .WithExposedHeaders(ErrorHandling.RequestIdHeader, HeaderNames.RetryAfter, "server-timing", "x-inference-seed");
            }));
    }

    public static void UseCrossOrigin(this WebApplication app)
    {
        if (app.Services.GetRequiredService<ServerOptions>().Cors.Origins.Length > 0)
            app.UseCors();
    }

    public static void UseSecurity(this IApplicationBuilder app)
    {
        app.UseMiddleware<ApiKeyGate>();
        app.UseRateLimiter();
        app.UseMiddleware<ContentEncodingGate>();
    }

    /// <summary>What is wrong with the options.</summary>
    public static IEnumerable<string> Errors(ServerOptions options)
    {
        var errors = new List<string>();
        var keys = ApiKeyReader.Read(options.Keys, errors);
        if (keys.Count == 0 && options.Keys is not { MaxConcurrent: null, RequestsPerMinute: null })
            errors.Add("Inference:Keys: limits of keys need keys, in Secrets or File.");
        foreach (var origin in options.Cors.Origins)
            if (origin == AnyOrigin ? options.Cors.Origins.Length > 1
                : !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == origin))
                errors.Add($"Inference:Cors:Origins: '{origin}' must be scheme://host or scheme://host:port without a path, or * alone.");
        return errors;
    }
}

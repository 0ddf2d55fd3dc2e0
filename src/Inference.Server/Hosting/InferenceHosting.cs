using Inference.Onnx;
using Microsoft.AspNetCore.Http.Metadata;

namespace Inference.Server;

/// <summary>The server as a part of another ASP.NET program.</summary>
public static class InferenceHosting
{
    // What belongs to the process, which here is the host's.
    private static readonly string[] OfTheProcess = ["Connections", "Cors", "Shutdown"];

    /// <summary>
    /// Registers the models, their queue and the API of section <c>Inference</c> of a configuration. The models are loaded when the host starts; pictures come from
    /// <see cref="IImageGenerator"/>, or over HTTP from what <see cref="MapInference"/> maps. Models and stores are looked for from the program's folder.
    /// </summary>
    /// <exception cref="ConfigurationException">The configuration cannot be used, or has what is up to the host: Connections, Cors, Shutdown; all errors at once.</exception>
    /// <exception cref="ProviderUnavailableException">No execution provider of the configuration can be used.</exception>
    public static IServiceCollection AddInference(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(ServerOptions.Section);
        string[] errors = [.. OfTheProcess.Where(name => section.GetSection(name).Exists()).Select(name => $"{ServerOptions.Section}:{name} is for the server as a program; here it is up to the host.")];
        if (errors.Length > 0)
            throw new ConfigurationException(errors);
        services.AddGeneration(ServerOptionsValidator.Read(configuration), configuration);
        return services;
    }

    /// <summary>
    /// Maps the API (<c>/v1</c>, <c>/sdapi/v1</c>, <c>/health</c>, <c>/metrics</c>) and the studio at <c>/studio/</c>. Keys, their limits and the shape of errors
    /// concern these routes alone. Call it before other middleware that ends requests.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="AddInference"/> was not called.</exception>
    public static void MapInference(this WebApplication app)
    {
        var options = app.Services.GetService<ServerOptions>() ?? throw new InvalidOperationException($"Call services.{nameof(AddInference)}(configuration) before {nameof(MapInference)}().");
        app.StartMetrics();
        app.UseWhen(context => context.GetEndpoint()?.Metadata.GetMetadata<InferenceRoute>() is not null, ours =>
        {
            ours.UseMiddleware<ErrorHandling>();
            ours.UseSecurity();
        });
        var routes = app.MapGroup("").WithMetadata(new InferenceRoute(options.Limits.MaxBodyBytes));
        ServerComposition.MapEndpoints(routes);
    }

    /// <summary>Marks the routes, and bounds their bodies.</summary>
    private sealed record InferenceRoute(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}

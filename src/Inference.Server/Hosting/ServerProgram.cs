using Microsoft.Extensions.Configuration.Memory;
using Inference.Onnx;

namespace Inference.Server;

/// <summary>The server as a process.</summary>
internal static class ServerProgram
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Serves until the process is told to stop.</summary>
    /// <param name="args">Command line: settings.</param>
    /// <param name="compose">Changes the services before they are built, or null.</param>
    /// <returns>Exit code of the process.</returns>
    public static async Task<int> RunAsync(string[] args, Action<IServiceCollection>? compose = null)
    {
        WebApplication app;
        try
        {
            app = Build(args, compose);
        }
        catch (Exception exception) when (exception is ConfigurationException or ProviderUnavailableException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        var models = app.Services.GetRequiredService<ModelHost>();
        await app.RunAsync();
        return models.HasFailed ? 1 : 0;
    }

    /// <summary>The server, not started yet.</summary>
    /// <inheritdoc cref="RunAsync"/>
    /// <exception cref="ConfigurationException">The configuration cannot be used.</exception>
    /// <exception cref="ProviderUnavailableException">No execution provider of the configuration can be used.</exception>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? compose = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        // In front of every other source, so that each of them overrides it. Not a file of the assembly: hosts that refer to it have files of that name.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Logging:LogLevel:Microsoft.AspNetCore", "Warning")] });
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            builder.WebHost.UseUrls(DefaultUrl);
        // "--models DIR" is short for the setting; unlike it, a relative path starts where the command was given.
        if (new ConfigurationBuilder().AddCommandLine(args).Build()["models"] is { Length: > 0 } directory)
            builder.Configuration["Inference:Models:Directory"] = Path.GetFullPath(directory);

        builder.AddInferenceServer();
        compose?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapInferenceServer();
        return app;
    }
}

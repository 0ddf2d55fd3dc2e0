using System.Text.Json;
using Inference.Onnx;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Puts the server together.</summary>
internal static class ServerComposition
{
    /// <exception cref="ConfigurationException">The configuration cannot be used.</exception>
    /// <exception cref="ProviderUnavailableException">No execution provider of the configuration can be used.</exception>
    public static void AddInferenceServer(this WebApplicationBuilder builder)
    {
        var options = ServerOptionsValidator.Read(builder.Configuration);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.Limits.MaxBodyBytes;
            options.Connections.Apply(kestrel.Limits);
            kestrel.UseProtocolErrors();
        });
        var services = builder.Services;
        services.AddGeneration(options, builder.Configuration);
        services.AddDraining();
        services.AddCrossOrigin(options.Cors);
        // Read by the OpenAPI generator, which names fields by the options and not by the context.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ServerJson.Default);
        });
        services.AddOpenApi();
    }

    /// <summary>Registers what generates pictures and answers requests for them, in whichever host.</summary>
    /// <exception cref="ProviderUnavailableException">No execution provider of the configuration can be used.</exception>
    public static void AddGeneration(this IServiceCollection services, ServerOptions options, IConfiguration configuration)
    {
        var providers = ExecutionProviders.Resolve(options.ToProviders());
        var sessions = new SessionFactory(providers, new() { IntraOp = options.Threads.IntraOp, Spinning = options.Threads.Spinning }, options.Networks.ToNetwork());
        services.AddSingleton(options);
        services.AddSingleton(options.Limits.ToLimits() with { MaxGroupRows = Math.Max(2, options.Batching.MaxRows) });
        services.AddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<DeviceMetrics>();
        services.AddSingleton<ServerGauges>();
        services.AddSingleton<PrometheusCollector>();
        services.AddTraceExport(options.Tracing, configuration);
        services.AddSingleton<GenerationQueue>();
        services.AddSingleton<ActiveRequests>();
        services.AddSingleton(ImageCodecs.Vips);
        services.AddSingleton(provider => new PipelineHost(
            sessions,
            new() { MaxRows = options.Batching.MaxRows, Guard = TimeSpan.FromMilliseconds(options.Batching.GuardMilliseconds), StopLimit = ResilienceServices.StopLimit(options.Resilience) },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<DeviceMetrics>(),
            CostsOf(options, provider.GetRequiredService<ILogger<ModelHost>>()),
            new()
            {
                EmbeddingBytes = options.Models.EmbeddingCacheBytes,
                DecodeBytes = options.Models.DecodeBatchBytes,
                Memory = options.Limits.MemoryBytes is { } bytes ? MemorySources.Fixed(bytes) : null,
                CalibrationDirectory = options.Models.CalibrationDirectory.Length == 0 ? null : Path.Combine(AppContext.BaseDirectory, options.Models.CalibrationDirectory),
            },
            provider.GetRequiredService<INetworkGuard>()));
        services.AddResilience();
        services.AddSecurity(options);
        services.AddSingleton<ModelHost>();
        services.AddSingleton<ImageRequestReader>();
        services.AddSingleton<Generator>();
        services.AddSingleton<AccountedRequests>();
        services.AddSingleton<ImageStreaming>();
        services.AddSingleton<ImageGeneration>();
        services.AddSingleton<IImageGenerator, QueuedImageGenerator>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelHost>());
        services.AddJobs(options.Jobs);
        services.AddExperiments();
        services.AddSingleton<PresetTable>();
        services.AddWebUi();
    }

    private static CostOptions CostsOf(ServerOptions options, ILogger logger) => new()
    {
        Directory = options.Batching.CostDirectory.Length == 0 ? null : Path.Combine(AppContext.BaseDirectory, options.Batching.CostDirectory),
        Budget = TimeSpan.FromMilliseconds(options.Batching.CostBudgetMilliseconds),
        Warn = message => ModelHost.LogCostsNotKept(logger, message),
    };

    public static void MapInferenceServer(this WebApplication app)
    {
        app.StartMetrics();
        app.UseMiddleware<ErrorHandling>();
        app.UseCrossOrigin();
        app.UseSecurity();
        MapEndpoints(app);
        StudioEndpoints.MapStart(app);
        app.MapOpenApi();
    }

    /// <summary>Makes the collector listen, which it must from the start, or early measurements would be lost; and sends traces where that is configured.</summary>
    public static void StartMetrics(this WebApplication app)
    {
        app.Services.GetRequiredService<PrometheusCollector>();
        app.Services.GetRequiredService<ServerGauges>();
        app.Services.UseTraceExport();
    }

    /// <summary>Maps all routes but those that belong to the server as a program.</summary>
    public static void MapEndpoints(IEndpointRouteBuilder app)
    {
        ImagesEndpoint.Map(app);
        ImageEditsEndpoint.Map(app);
        CancelEndpoint.Map(app);
        JobsEndpoint.Map(app);
        ExperimentsEndpoint.Map(app);
        PresetsEndpoint.Map(app);
        app.MapWebUi();
        ModelsEndpoint.Map(app);
        SchedulesEndpoint.Map(app);
        CachePoliciesEndpoint.Map(app);
        ParallelMethodsEndpoint.Map(app);
        HealthEndpoints.Map(app);
        StudioEndpoints.Map(app);
        app.MapGet("/metrics", (PrometheusCollector collector) => TypedResults.Text(collector.Write(), "text/plain; version=0.0.4")).WithName("metrics").WithSummary("Metrics in the Prometheus text format.");
    }
}

using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Inference.Server;

/// <summary>Sends traces over OTLP.</summary>
internal static class TraceExport
{
    private const string StandardEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Service = "inference";

    /// <summary>Registers the exporter; nothing where no endpoint is configured.</summary>
    public static void AddTraceExport(this IServiceCollection services, TracingOptions options, IConfiguration configuration)
    {
        if (options.Endpoint is null && configuration[StandardEndpoint] is null)
            return;
        services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
            .AddSource(RequestTrace.SourceName)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.SampleRatio)))
            .ConfigureResource(resource => resource.AddService(Service, serviceVersion: ServerVersion.Text))
            .AddOtlpExporter(exporter => Configure(exporter, options))
            .Build());
    }

    /// <summary>Starts it, when it is registered; it ends with the services and sends what is left then.</summary>
    public static void UseTraceExport(this IServiceProvider services) => services.GetService<TracerProvider>();

    // Without an endpoint of ours the exporter reads the standard variables by itself.
    private static void Configure(OtlpExporterOptions exporter, TracingOptions options)
    {
        if (options.Endpoint is null)
            return;
        exporter.Endpoint = new(options.Endpoint);
        exporter.Protocol = options.Protocol == TracingProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
    }
}

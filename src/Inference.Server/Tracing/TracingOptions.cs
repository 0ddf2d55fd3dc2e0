namespace Inference.Server;

/// <summary>Where traces go. Without an endpoint, here or in the standard variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, there are none.</summary>
public sealed record TracingOptions
{
    /// <summary>Address of an OTLP receiver: for <c>Grpc</c> like http://collector:4317, for <c>HttpProtobuf</c> like http://collector:4318/v1/traces.</summary>
    public string? Endpoint { get; init; }

    /// <summary>What the receiver speaks.</summary>
    public TracingProtocol Protocol { get; init; }

    /// <summary>Share of the requests that are traced, 0 to 1; requests that come with a trace of their own follow that.</summary>
    public double SampleRatio { get; init; } = 1;
}

/// <summary>Forms of OTLP.</summary>
public enum TracingProtocol
{
    /// <summary>Protobuf over gRPC.</summary>
    Grpc,

    /// <summary>Protobuf over HTTP/1.1.</summary>
    HttpProtobuf,
}

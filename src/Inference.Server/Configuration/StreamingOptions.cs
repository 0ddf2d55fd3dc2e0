namespace Inference.Server;

/// <summary>Server-sent events.</summary>
public sealed record StreamingOptions
{
    /// <summary>Seconds of silence after which a comment is sent.</summary>
    public double HeartbeatSeconds { get; init; } = 15;
}

namespace Inference.LoadTest;

/// <summary>How a server is spoken to.</summary>
public sealed record OpenAiTargetOptions
{
    /// <summary>The whole address, from <see cref="TargetAddress.Parse"/>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Sent as a bearer token; null sends none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Longest time from sending to the last byte; a request that takes longer has failed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest time to wait for the first sign of a server before the run.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest answer; more is wrong content.</summary>
    public long MaxAnswerBytes { get; init; } = 256 << 20;
}

namespace Inference.Server;

/// <summary>What the store keeps of a job beside its picture and its result. A record that is <see cref="JobStatus.Queued"/> is run again after a restart.</summary>
public sealed record JobRecord
{
    public required string Id { get; init; }

    /// <summary>The request with its seed, so that running it again gives the same pictures.</summary>
    public required ImageGenerationBody Body { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>The client's idempotency key, or null.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Hash of the request as it was sent; tells a repetition from another request with the same key.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Times that it began to run.</summary>
    public int Attempts { get; init; }

    /// <summary>Queued, or how it ended.</summary>
    public JobStatus Status { get; init; }

    /// <summary>When it ended, or null.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public OpenAiError? Error { get; init; }
}

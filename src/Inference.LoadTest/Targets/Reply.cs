namespace Inference.LoadTest;

/// <summary>What came back for one request. Times are timestamps of the run's clock.</summary>
public sealed record Reply
{
    /// <summary>When the whole request was handed to the operating system; null when it never was.</summary>
    public long? SentAt { get; init; }

    /// <summary>When the first picture of a stream had arrived; null when nothing was streamed.</summary>
    public long? FirstPictureAt { get; init; }

    /// <summary>When the last byte had arrived, or when it failed; checks of the content are not in it.</summary>
    public required long CompletedAt { get; init; }

    /// <summary>Null when the answer was right.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Milliseconds by stage as the server reports them, in its order; empty when it reports none.</summary>
    public IReadOnlyList<StageTime> Stages { get; init; } = [];
}

/// <summary>Time of one stage as the server reports it.</summary>
public readonly record struct StageTime(string Stage, double Milliseconds);

/// <summary>Why a request was not answered well.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="Code">Short and the same for like failures: <c>http 503</c>.</param>
/// <param name="Example">What exactly happened this time.</param>
public sealed record Failure(FailureKind Kind, string Code, string Example);

/// <summary>Classes of failures.</summary>
public enum FailureKind
{
    /// <summary>Status 429 or 503: the server said that it has too much to do.</summary>
    Overload,

    /// <summary>Another status from 400 to 499.</summary>
    RequestRefused,

    /// <summary>Another status from 500.</summary>
    ServerError,

    /// <summary>No connection.</summary>
    Connection,

    /// <summary>The connection ended before the answer did, or broke the protocol.</summary>
    Reset,

    /// <summary>No whole answer within the time allowed.</summary>
    Timeout,

    /// <summary>A success by status that holds no right picture.</summary>
    WrongContent,

    /// <summary>The load test itself could not do it, for example for want of sockets.</summary>
    Client,
}

namespace Inference.Server;

/// <summary>What is done when the device fails or hangs.</summary>
public sealed record ResilienceOptions
{
    /// <summary>Share of a model's evaluations that must fail, each after its retry, for its circuit to open: above 0 up to 1.</summary>
    public double FailureRatio { get; init; } = 0.75;

    /// <summary>Evaluations within the window below which the circuit stays closed, from 2.</summary>
    public int MinimumEvaluations { get; init; } = 4;

    /// <summary>Milliseconds over which the share is taken, from 500.</summary>
    public int WindowMilliseconds { get; init; } = 10_000;

    /// <summary>Milliseconds until an open circuit is tried again with a probe, from 500.</summary>
    public int BreakMilliseconds { get; init; } = 10_000;

    /// <summary>Probes in a row that may fail before the device counts as lost, from 1: liveness goes off, so that the process is restarted.</summary>
    public int MaxFailedProbes { get; init; } = 5;

    /// <summary>Milliseconds after which an evaluation counts as hung, from 100: its thread cannot be taken back, so liveness goes off.</summary>
    public int HangMilliseconds { get; init; } = 300_000;

    internal TimeSpan Break => TimeSpan.FromMilliseconds(BreakMilliseconds);

    internal TimeSpan Hang => TimeSpan.FromMilliseconds(HangMilliseconds);
}

/// <summary>How the process stops on SIGTERM, SIGINT or SIGQUIT; a second signal stops it at once.</summary>
public sealed record ShutdownOptions
{
    /// <summary>Milliseconds for which, at least, readiness and new requests get 503 before the listener closes, so that balancers see it.</summary>
    public int NoticeMilliseconds { get; init; } = 500;

    /// <summary>Milliseconds that requests let in have to finish; those that are left are answered with 503 then.</summary>
    public int GraceMilliseconds { get; init; } = 120_000;
}

/// <summary>Limits of connections and of what is sent over them, whatever is asked.</summary>
public sealed record ConnectionOptions
{
    /// <summary>Connections open at once; further ones are closed.</summary>
    public int MaxConnections { get; init; } = 1_000;

    /// <summary>Bytes of all headers of a request.</summary>
    public int MaxHeaderBytes { get; init; } = 32 << 10;

    /// <summary>Headers of a request.</summary>
    public int MaxHeaders { get; init; } = 100;

    /// <summary>Milliseconds within which the headers of a request must have come.</summary>
    public int HeaderMilliseconds { get; init; } = 15_000;

    /// <summary>Milliseconds a connection may be idle.</summary>
    public int IdleMilliseconds { get; init; } = 130_000;

    /// <summary>Bytes a second below which a body, or the reading of a response, is given up.</summary>
    public int MinBytesPerSecond { get; init; } = 240;

    /// <summary>Milliseconds for which a slower rate is borne.</summary>
    public int SlowMilliseconds { get; init; } = 5_000;
}

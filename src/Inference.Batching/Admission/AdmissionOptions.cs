namespace Inference.Batching;

/// <summary>How much work is accepted, and who goes first.</summary>
public sealed record AdmissionOptions
{
    /// <summary>Pictures denoised side by side, ≥ 1.</summary>
    public int MaxRunning { get; init; } = 16;

    /// <summary>Bytes of cached features that running requests may hold together, ≥ 0. A request that needs more alone must not be let in.</summary>
    public long MaxFeatureBytes { get; init; } = long.MaxValue;

    /// <summary>Predicted work beyond which requests are refused, &gt; 0. The last request let in may overshoot it: if requests had to fit, small ones
    /// would keep large ones out for as long as the server is busy.</summary>
    public TimeSpan MaxQueuedWork { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How much later a <see cref="RequestPriority.Batch"/> request counts as having come, ≥ 0: it is overtaken by interactive requests
    /// that come within this time, and by no later ones.</summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Priority class of a request.</summary>
public enum RequestPriority
{
    /// <summary>Someone waits for the picture.</summary>
    Interactive,

    /// <summary>Goes behind interactive requests until it has aged.</summary>
    Batch,
}

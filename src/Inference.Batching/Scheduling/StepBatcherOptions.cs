namespace Inference.Batching;

/// <summary>How rows of running requests are gathered into batches.</summary>
public sealed record StepBatcherOptions
{
    /// <summary>Largest number of rows in one evaluation, ≥ 1; the measured cost curve usually asks for less. A group larger than this runs alone.</summary>
    public int MaxRows { get; init; } = 32;

    /// <summary>How long a free device waits at most for lanes that are open but not ready, from when it became free.</summary>
    public TimeSpan Guard { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long closing waits for an evaluation under way; infinite by default.</summary>
    public TimeSpan StopLimit { get; init; } = Timeout.InfiniteTimeSpan;
}

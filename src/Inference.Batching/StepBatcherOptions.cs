namespace Inference.Batching;

/// <summary>How rows of running requests are gathered into batches.</summary>
public sealed record StepBatcherOptions
{
    /// <summary>Largest number of rows in one evaluation, ≥ 1. A group larger than this runs alone.</summary>
    public int MaxRows { get; init; } = 16;

    /// <summary>How long a waiting row waits at most for lanes that are open but not ready. Longer than one evaluation, else requests fall apart into cohorts.</summary>
    public TimeSpan Guard { get; init; } = TimeSpan.FromMilliseconds(50);
}

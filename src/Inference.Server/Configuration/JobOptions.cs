namespace Inference.Server;

/// <summary>Jobs and the store of their results.</summary>
public sealed record JobOptions
{
    /// <summary>Directory that keeps jobs and results; relative paths start at the program's folder. One process a directory.</summary>
    public string Directory { get; init; } = "jobs";

    /// <summary>Jobs that are kept, finished ones included; beyond that new ones get 429.</summary>
    public int MaxJobs { get; init; } = 1_000;

    /// <summary>Bytes that jobs may take on disk, the expected results of unfinished ones included; beyond that new ones get 429.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Seconds for which a finished job and its result are kept.</summary>
    public double RetentionSeconds { get; init; } = 86_400;
}

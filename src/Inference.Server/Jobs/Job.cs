namespace Inference.Server;

/// <summary>A job in memory. Safe for any number of threads.</summary>
internal sealed class Job(JobRecord record)
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancelled = new();
    private JobRecord _record = record;
    private double _progress;

    public string Id { get; } = record.Id;

    /// <summary>What is or should be on disk.</summary>
    public JobRecord Record
    {
        get
        {
            lock (_gate)
                return _record;
        }
    }

    public bool IsFinished => Record.Finished is not null;

    /// <summary>Its place in the queue; null before it was let in again after a restart.</summary>
    public Turn? Turn { get; set; }

    /// <summary>Part of its steps that are done, 0 to 1.</summary>
    public double Progress
    {
        get => Volatile.Read(ref _progress);
        set => Volatile.Write(ref _progress, value);
    }

    /// <summary>Cancelled by DELETE.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Held while its files are written or removed.</summary>
    public Lock Storage { get; } = new();

    /// <summary>Its files are gone for good; guarded by <see cref="Storage"/>.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Bytes it counts in the store's budget; guarded by the table.</summary>
    public long Bytes { get; set; }

    /// <summary>Status as clients see it.</summary>
    public JobStatus Status => Record.Status is JobStatus.Queued && Turn is { Begun.IsCompletedSuccessfully: true } ? JobStatus.Running : Record.Status;

    /// <summary>It begins to run.</summary>
    public void Begin()
    {
        lock (_gate)
            _record = _record with { Attempts = _record.Attempts + 1 };
    }

    /// <summary>Ends it; false when it has ended already.</summary>
    public bool TryFinish(JobStatus status, DateTimeOffset now, OpenAiError? error = null)
    {
        lock (_gate)
        {
            if (_record.Finished is not null)
                return false;
            _record = _record with { Status = status, Finished = now, Error = error };
        }
        return true;
    }

    /// <summary>Stops its work. What that wakes runs on the pool, not here.</summary>
    public void Stop() => _ = _cancelled.CancelAsync();
}

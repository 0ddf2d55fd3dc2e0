namespace Inference.Server;

/// <summary>The jobs there are, by id and by idempotency key, within the bounds of the store. Finished ones go when their time is over.</summary>
internal sealed class JobTable(JobOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Job> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Job> _byKey = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>The job with an id, or null.</summary>
    public Job? Find(string id)
    {
        lock (_gate)
            return _byId.GetValueOrDefault(id) is { } job && !IsExpired(job) ? job : null;
    }

    /// <summary>The job that a key stands for, or null.</summary>
    public Job? FindByKey(string key)
    {
        lock (_gate)
            return _byKey.GetValueOrDefault(key) is { } job && !IsExpired(job) ? job : null;
    }

    /// <summary>When a finished job is removed; null for others.</summary>
    public DateTimeOffset? ExpiryOf(Job job) => job.Record.Finished + TimeSpan.FromSeconds(options.RetentionSeconds);

    /// <summary>Adds a job if there is room for it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="bytes">What it takes on disk, its expected result included.</param>
    /// <param name="roomIn">Time until the next job expires when there is none; null when none will.</param>
    public bool TryAdd(Job job, long bytes, out TimeSpan? roomIn)
    {
        lock (_gate)
        {
            roomIn = null;
            if (_byId.Count >= options.MaxJobs || _bytes + bytes > options.MaxBytes)
            {
                roomIn = _byId.Values.Min(ExpiryOf) - time.GetUtcNow();
                return false;
            }
            AddUnchecked(job, bytes);
            return true;
        }
    }

    /// <summary>Adds a job of an earlier process; it has its room already.</summary>
    public void Restore(Job job, long bytes)
    {
        lock (_gate)
            AddUnchecked(job, bytes);
    }

    /// <summary>Its size is known now.</summary>
    public void Resize(Job job, long bytes)
    {
        lock (_gate)
            if (_byId.ContainsKey(job.Id))
            {
                _bytes += bytes - job.Bytes;
                job.Bytes = bytes;
            }
    }

    /// <summary>Removes a job; false when it was gone already.</summary>
    public bool Remove(Job job)
    {
        lock (_gate)
        {
            if (!_byId.Remove(job.Id))
                return false;
            _bytes -= job.Bytes;
            if (job.Record.IdempotencyKey is { } key && _byKey.GetValueOrDefault(key) == job)
                _byKey.Remove(key);
            return true;
        }
    }

    /// <summary>The jobs that have not ended.</summary>
    public IReadOnlyList<Job> Unfinished()
    {
        lock (_gate)
            return [.. _byId.Values.Where(job => !job.IsFinished)];
    }

    /// <summary>Removes the jobs whose time is over and returns them.</summary>
    public IReadOnlyList<Job> RemoveExpired()
    {
        lock (_gate)
            return [.. _byId.Values.Where(IsExpired).ToArray().Where(Remove)];
    }

    private void AddUnchecked(Job job, long bytes)
    {
        _byId.Add(job.Id, job);
        if (job.Record.IdempotencyKey is { } key)
            _byKey[key] = job;
        job.Bytes = bytes;
        _bytes += bytes;
    }

    private bool IsExpired(Job job) => ExpiryOf(job) <= time.GetUtcNow();
}

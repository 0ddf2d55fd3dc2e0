using System.Threading.RateLimiting;

namespace Inference.Server;

/// <summary>The queue is full; the client may come back after <paramref name="retryAfter"/>.</summary>
internal sealed class QueueFullException(TimeSpan retryAfter) : Exception("The server has as many requests waiting as it accepts.")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>Admission: so many pictures run, so many wait in order of arrival, the rest is refused.</summary>
internal sealed class GenerationQueue(ServerOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new()
    {
        PermitLimit = options.Queue.MaxRunning,
        QueueLimit = options.Queue.MaxWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    // Moving average of the seconds that one permit was held.
    private double _meanSeconds = 1;

    /// <summary>Pictures waiting now.</summary>
    public long Waiting => _limiter.GetStatistics()?.CurrentQueuedCount ?? 0;

    /// <summary>Pictures running now.</summary>
    public long Running => options.Queue.MaxRunning - (_limiter.GetStatistics()?.CurrentAvailablePermits ?? options.Queue.MaxRunning);

    /// <summary>Waits for the turn of a request of so many pictures; dispose the result when they are done.</summary>
    /// <exception cref="QueueFullException">Too many are waiting.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public async ValueTask<IDisposable> EnterAsync(int pictures, CancellationToken cancellationToken)
    {
        // A request with more pictures than may run at once waits for all the permits there are.
        var permits = Math.Min(pictures, options.Queue.MaxRunning);
        var lease = await _limiter.AcquireAsync(permits, cancellationToken);
        if (lease.IsAcquired)
            return new Turn(this, lease, time.GetTimestamp());
        lease.Dispose();
        var ahead = (Running + Waiting) / (double)options.Queue.MaxRunning;
        throw new QueueFullException(TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(ahead * Volatile.Read(ref _meanSeconds)))));
    }

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();

    private sealed class Turn(GenerationQueue queue, RateLimitLease lease, long started) : IDisposable
    {
        public void Dispose()
        {
            var seconds = queue.Time.GetElapsedTime(started).TotalSeconds;
            Volatile.Write(ref queue._meanSeconds, 0.9 * queue._meanSeconds + 0.1 * seconds);
            lease.Dispose();
        }
    }

    private TimeProvider Time => time;
}

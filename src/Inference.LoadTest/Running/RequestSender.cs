namespace Inference.LoadTest;

/// <summary>Draws requests, sends them and keeps what comes back.</summary>
internal sealed class RequestSender(Mix mix, long seed, ITarget target, TimeProvider time, IRunObserver? observer, CancellationToken stop) : IRequestSender
{
    private readonly Lock _gate = new();
    private readonly List<Measurement> _measurements = [];
    private readonly Dictionary<int, Unfinished> _running = [];
    private readonly long _started = time.GetTimestamp();
    private TaskCompletionSource? _idle;
    private int _count;
    private int _live;

    public TimeProvider Time => time;

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    public async Task SendAsync(TimeSpan intended)
    {
        var index = Interlocked.Increment(ref _count) - 1;
        var request = mix.Draw(index, seed);
        lock (_gate)
        {
            _running.Add(index, new(index, request.Kind, intended, default));
            _live++;
        }
        observer?.OnStarted(intended);
        Measurement? measurement = null;
        try
        {
            measurement = Measure(request, intended, await target.SendAsync(request, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stays among the unfinished.
        }
        catch (Exception exception)
        {
            // Whatever a target does wrong is a result, never the end of the run.
            measurement = Measure(request, intended, new() { CompletedAt = time.GetTimestamp(), Failure = FailureOf.Exception(exception) });
        }
        Keep(index, measurement);
        if (measurement is not null)
            observer?.OnCompleted(measurement);
    }

    /// <summary>Waits for everything that was sent.</summary>
    public async Task<(IReadOnlyList<Measurement> Measurements, IReadOnlyList<Unfinished> Unfinished)> FinishAsync()
    {
        Task wait;
        lock (_gate)
        {
            _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_live == 0)
                _idle.SetResult();
            wait = _idle.Task;
        }
        await wait;
        lock (_gate)
            return ([.. _measurements.OrderBy(measurement => measurement.Intended)], [.. _running.Values.OrderBy(running => running.Intended)]);
    }

    // A request without measurement was stopped: it gets its age and stays.
    private void Keep(int index, Measurement? measurement)
    {
        lock (_gate)
        {
            if (measurement is null)
            {
                _running[index] = _running[index] with { Age = Elapsed - _running[index].Intended };
            }
            else
            {
                _running.Remove(index);
                _measurements.Add(measurement);
            }
            if (--_live == 0)
                _idle?.TrySetResult();
        }
    }

    private Measurement Measure(ImageRequest request, TimeSpan intended, Reply reply) => new(
        request.Index, request.Kind, intended, At(reply.SentAt), At(reply.FirstPictureAt), time.GetElapsedTime(_started, reply.CompletedAt), reply.Failure, reply.Stages);

    private TimeSpan? At(long? timestamp) => timestamp is { } value ? time.GetElapsedTime(_started, value) : null;
}

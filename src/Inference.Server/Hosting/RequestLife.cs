namespace Inference.Server;

/// <summary>What can end a request early: its client disconnects, its deadline passes, somebody cancels it by its id, or the server stops.</summary>
internal sealed class RequestLife : IDisposable
{
    private readonly ActiveRequests _requests;
    private readonly string _id;
    private readonly CancellationToken _disconnected;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _explicit = new();
    private readonly CancellationTokenSource _any;

    /// <param name="id">By which it can be cancelled.</param>
    /// <param name="disconnected">Cancelled when nobody waits for the result any more.</param>
    /// <param name="stopping">Cancelled when the server stops.</param>
    /// <param name="requests">Where its id is known.</param>
    /// <param name="timeout">Within which it must be done.</param>
    /// <param name="time">Clock of the timeout.</param>
    public RequestLife(string id, CancellationToken disconnected, CancellationToken stopping, ActiveRequests requests, TimeSpan timeout, TimeProvider time)
    {
        (_requests, _id, _disconnected, _stopping) = (requests, id, disconnected, stopping);
        _deadline = new(timeout, time);
        _any = CancellationTokenSource.CreateLinkedTokenSource(_disconnected, _deadline.Token, _explicit.Token, _stopping);
        requests.Add(_id, this);
    }

    /// <summary>Cancelled by whichever comes first.</summary>
    public CancellationToken Token => _any.Token;

    /// <summary>Ends it on behalf of a DELETE. What that wakes runs on the pool, not here.</summary>
    public void Cancel() => _ = _explicit.CancelAsync();

    /// <summary>What to answer instead of a cancellation: the reason for it, or the cancellation itself when the client is gone.</summary>
    public Exception Explain(OperationCanceledException cancelled) =>
        _disconnected.IsCancellationRequested ? cancelled
        : _explicit.IsCancellationRequested ? new CancelledByRequestException()
        : _stopping.IsCancellationRequested ? new ServerStoppingException()
        : _deadline.IsCancellationRequested ? new DeadlineMissedException()
        : cancelled;

    public void Dispose()
    {
        // Off the list first: nobody cancels what is disposed.
        _requests.Remove(_id, this);
        _any.Dispose();
        _explicit.Dispose();
        _deadline.Dispose();
    }
}

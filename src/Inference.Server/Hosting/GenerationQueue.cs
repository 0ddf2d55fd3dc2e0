using System.Diagnostics;
using Inference.Batching;

namespace Inference.Server;

/// <summary>
/// Admission: requests wait for their turn by priority, and those that would overflow the queue or miss their deadline are refused at once. The rules
/// are <see cref="AdmissionLedger{TOwner}"/>'s; this is the clock and the waiting around them.
/// </summary>
internal sealed class GenerationQueue(ServerOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly AdmissionLedger<Turn> _ledger = new(options.Queue.ToAdmission());
    private readonly List<AdmissionTicket<Turn>> _started = [];
    private readonly List<AdmissionTicket<Turn>> _dropped = [];
    private readonly long _epoch = time.GetTimestamp();
    private TaskCompletionSource? _closing;

    /// <summary>Requests waiting now.</summary>
    public int Waiting => Read(static ledger => ledger.WaitingCount);

    /// <summary>Pictures being denoised now.</summary>
    public int Running => Read(static ledger => ledger.RunningPictures);

    /// <summary>Bytes reserved for the features that running requests cache.</summary>
    public long ReservedFeatureBytes => Read(static ledger => ledger.ReservedBytes);

    /// <summary>Predicted seconds until everything let in is done.</summary>
    public double QueuedWorkSeconds => Read(static ledger => ledger.QueuedWork.TotalSeconds);

    /// <summary>Lets a request in; it waits for its <see cref="Turn.Begun"/>. Dispose the turn when its pictures are done, or to leave earlier.</summary>
    /// <param name="cost">What it is predicted to take.</param>
    /// <param name="priority">Its class.</param>
    /// <param name="timeout">Within which it must be done.</param>
    /// <exception cref="ServerStoppingException">The queue is closed.</exception>
    /// <exception cref="NotAdmittedException">It would overflow the queue or miss its deadline.</exception>
    public Turn Admit(PredictedCost cost, RequestPriority priority, TimeSpan timeout)
    {
        var turn = new Turn(this, time.GetTimestamp());
        lock (_gate)
        {
            if (_closing is not null)
                throw new ServerStoppingException();
            turn.Ticket = new(turn, cost, priority, Now() + timeout);
            var answer = _ledger.Enter(turn.Ticket, Now());
            if (answer.Verdict != AdmissionVerdict.Accepted)
                throw new NotAdmittedException(answer);
            Advance();
        }
        return turn;
    }

    internal AdmissionPlace? PlaceOf(AdmissionTicket<Turn> ticket)
    {
        lock (_gate)
            return _ledger.PlaceOf(ticket);
    }

    /// <summary>Lets nothing in any more; completes when all that was let in has left.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _closing ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            Advance();
            return _closing.Task;
        }
    }

    internal void Progress(AdmissionTicket<Turn> ticket, double part)
    {
        lock (_gate)
            _ledger.Progress(ticket, part, Now());
    }

    internal void EndLease(AdmissionTicket<Turn> ticket)
    {
        lock (_gate)
        {
            _ledger.EndLease(ticket, Now());
            Advance();
        }
    }

    internal void Leave(AdmissionTicket<Turn> ticket)
    {
        lock (_gate)
        {
            _ledger.Leave(ticket, Now());
            Advance();
        }
    }

    // Under the lock; the waiting continue on the pool, so nothing of theirs runs here.
    private void Advance()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        _ledger.Start(Now(), _started, _dropped);
        foreach (var ticket in _started)
            ticket.Owner.Begin();
        foreach (var ticket in _dropped)
            ticket.Owner.Miss();
        _started.Clear();
        _dropped.Clear();
        if (_ledger is { WaitingCount: 0, RunningPictures: 0 })
            _closing?.TrySetResult();
    }

    private TimeSpan Now() => time.GetElapsedTime(_epoch);

    private T Read<T>(Func<AdmissionLedger<Turn>, T> value)
    {
        lock (_gate)
            return value(_ledger);
    }
}

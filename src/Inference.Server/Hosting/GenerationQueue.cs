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

    /// <summary>Requests waiting now.</summary>
    public int Waiting => Read(static ledger => ledger.WaitingCount);

    /// <summary>Pictures being denoised now.</summary>
    public int Running => Read(static ledger => ledger.RunningPictures);

    /// <summary>Bytes reserved for the features that running requests cache.</summary>
    public long ReservedFeatureBytes => Read(static ledger => ledger.ReservedBytes);

    /// <summary>Predicted seconds until everything let in is done.</summary>
    public double QueuedWorkSeconds => Read(static ledger => ledger.QueuedWork.TotalSeconds);

    /// <summary>Waits for the turn of a request; dispose the result when its pictures are done.</summary>
    /// <param name="cost">What it is predicted to take.</param>
    /// <param name="priority">Its class.</param>
    /// <param name="timeout">Within which it must be done.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="NotAdmittedException">It would overflow the queue or miss its deadline.</exception>
    /// <exception cref="DeadlineMissedException">Its deadline can no longer be met.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public async ValueTask<Turn> EnterAsync(PredictedCost cost, RequestPriority priority, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var turn = new Turn(this);
        lock (_gate)
        {
            turn.Ticket = new(turn, cost, priority, Now() + timeout);
            var answer = _ledger.Enter(turn.Ticket, Now());
            if (answer.Verdict != AdmissionVerdict.Accepted)
                throw new NotAdmittedException(answer);
            Advance();
        }
        try
        {
            await turn.Begun.WaitAsync(cancellationToken);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
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
    }

    private TimeSpan Now() => time.GetElapsedTime(_epoch);

    private T Read<T>(Func<AdmissionLedger<Turn>, T> value)
    {
        lock (_gate)
            return value(_ledger);
    }
}

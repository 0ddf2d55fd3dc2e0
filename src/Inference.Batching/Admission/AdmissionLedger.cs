namespace Inference.Batching;

/// <summary>
/// The rules of admission without threads and clocks: a queue bounded by predicted work, deadlines, and priority classes with ageing. Calls must not
/// overlap, and their times must not go back.
/// </summary>
/// <param name="options">How much is accepted.</param>
public sealed class AdmissionLedger<TOwner>(AdmissionOptions options)
{
    private readonly List<AdmissionTicket<TOwner>> _waiting = [];
    private readonly List<AdmissionTicket<TOwner>> _running = [];
    private readonly DrainRate _rate = new();
    private TimeSpan _last;
    private double _done;

    /// <summary>Predicted work of everything let in and not done yet, in real time at the measured pace.</summary>
    public TimeSpan QueuedWork => Sum(_running) / _rate.Value + Sum(_waiting) / _rate.Value;

    /// <summary>Requests waiting.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Pictures being denoised. Each holds a lease from its start to the end of its lane: decoding holds up nobody's denoising.</summary>
    public int RunningPictures { get; private set; }

    /// <summary>Bytes reserved for the features that running requests cache.</summary>
    public long ReservedBytes { get; private set; }

    private bool IsSaturated => _waiting.Count > 0 || RunningPictures >= options.MaxRunning;

    /// <summary>Decides about a request without letting it in.</summary>
    public AdmissionAnswer Judge(AdmissionTicket<TOwner> ticket, TimeSpan now)
    {
        Observe(now);
        var patience = ticket.Deadline - now;
        if (ticket.Cost.DurationAmong(0) > patience)
            return new(AdmissionVerdict.DeadlineTooShort, TimeSpan.Zero, ticket.Cost.DurationAmong(0));
        var predicted = PredictedTime(ticket, now);
        var excess = QueuedWork - options.MaxQueuedWork;
        var late = predicted - patience;
        var wait = excess > late ? excess : late;
        if (excess >= TimeSpan.Zero)
            return new(AdmissionVerdict.QueueFull, wait, predicted);
        return late > TimeSpan.Zero ? new(AdmissionVerdict.DeadlineTooBusy, wait, predicted) : new(AdmissionVerdict.Accepted, TimeSpan.Zero, predicted);
    }

    /// <summary>Lets a request in, or says why not.</summary>
    public AdmissionAnswer Enter(AdmissionTicket<TOwner> ticket, TimeSpan now)
    {
        var answer = Judge(ticket, now);
        if (answer.Verdict != AdmissionVerdict.Accepted)
            return answer;
        ticket.Rank = RankOf(ticket, now);
        ticket.State = AdmissionState.Waiting;
        var place = _waiting.FindIndex(other => other.Rank > ticket.Rank);
        _waiting.Insert(place < 0 ? _waiting.Count : place, ticket);
        return answer;
    }

    /// <summary>Starts waiting requests, first in rank first, for as long as there is room.</summary>
    /// <param name="now">The time.</param>
    /// <param name="started">Receives those that run now.</param>
    /// <param name="dropped">Receives those whose deadline can no longer be met; they are gone.</param>
    public void Start(TimeSpan now, List<AdmissionTicket<TOwner>> started, List<AdmissionTicket<TOwner>> dropped)
    {
        Observe(now);
        while (_waiting.Count > 0)
        {
            var next = _waiting[0];
            if (now + next.Cost.DurationAmong(0) > next.Deadline)
            {
                Leave(next, now);
                dropped.Add(next);
                continue;
            }
            if (RunningPictures > 0 && RunningPictures + next.Cost.Pictures > options.MaxRunning)
                return;
            if (ReservedBytes > 0 && ReservedBytes + next.Cost.FeatureBytes > options.MaxFeatureBytes)
                return;
            _waiting.RemoveAt(0);
            _running.Add(next);
            next.State = AdmissionState.Running;
            next.Leases = next.Cost.Pictures;
            RunningPictures += next.Leases;
            ReservedBytes += next.Cost.FeatureBytes;
            started.Add(next);
        }
    }

    /// <summary>A running request did a part of its work.</summary>
    /// <param name="ticket">The request.</param>
    /// <param name="part">Part of its whole work, 0 to 1.</param>
    /// <param name="now">The time.</param>
    public void Progress(AdmissionTicket<TOwner> ticket, double part, TimeSpan now)
    {
        if (ticket.State != AdmissionState.Running)
            return;
        var work = part * ticket.Cost.Work < ticket.Left ? part * ticket.Cost.Work : ticket.Left;
        ticket.Left -= work;
        _done += work.TotalSeconds;
        Observe(now);
    }

    /// <summary>A picture of a running request is denoised and its lane closed: the lease is free for another.</summary>
    public void EndLease(AdmissionTicket<TOwner> ticket, TimeSpan now)
    {
        Observe(now);
        if (ticket.Leases == 0)
            return;
        ticket.Leases--;
        RunningPictures--;
        ReservedBytes -= ticket.Cost.FeatureBytesPerPicture;
    }

    /// <summary>Where a request stands; null when it is not in the ledger.</summary>
    public AdmissionPlace? PlaceOf(AdmissionTicket<TOwner> ticket)
    {
        if (ticket.State == AdmissionState.Running)
            return new(0, TimeSpan.Zero);
        var ahead = _waiting.IndexOf(ticket);
        if (ahead < 0)
            return null;
        // One that is being decoded still has work, but no lease and no rows.
        var running = _running.Where(other => other.Leases > 0).Select(other => new StartForecast.Share(other.Left.TotalSeconds, other.Leases * other.Cost.RowsPerPicture, other.Leases));
        var waiting = _waiting.Take(ahead + 1).Select(other => new StartForecast.Share(other.Left.TotalSeconds, other.Cost.Rows, other.Cost.Pictures));
        return new(ahead, StartForecast.Of(running, waiting, options.MaxRunning, _rate.Value));
    }

    /// <summary>A request ends, for whatever reason. More than once is as good as once.</summary>
    public void Leave(AdmissionTicket<TOwner> ticket, TimeSpan now)
    {
        Observe(now);
        if (!_running.Remove(ticket))
            _waiting.Remove(ticket);
        RunningPictures -= ticket.Leases;
        ReservedBytes -= ticket.Leases * ticket.Cost.FeatureBytesPerPicture;
        ticket.Leases = 0;
        ticket.State = AdmissionState.Gone;
    }

    private static TimeSpan Sum(List<AdmissionTicket<TOwner>> tickets)
    {
        var sum = TimeSpan.Zero;
        foreach (var ticket in tickets)
            sum += ticket.Left;
        return sum;
    }

    private TimeSpan RankOf(AdmissionTicket<TOwner> ticket, TimeSpan now) => ticket.Priority == RequestPriority.Batch ? now + options.BatchDelay : now;

    // Work ahead of it, its own, and, since those that come later share the device with it, half of what company costs it.
    private TimeSpan PredictedTime(AdmissionTicket<TOwner> ticket, TimeSpan now)
    {
        var rank = RankOf(ticket, now);
        var (ahead, rows, pictures) = (Sum(_running), 0, ticket.Cost.Pictures);
        foreach (var other in _running)
            (rows, pictures) = (rows + other.Leases * other.Cost.RowsPerPicture, pictures + other.Leases);
        foreach (var other in _waiting)
        {
            if (other.Rank <= rank)
                ahead += other.Left;
            if (pictures + other.Cost.Pictures <= options.MaxRunning)
                (rows, pictures) = (rows + other.Cost.Rows, pictures + other.Cost.Pictures);
        }
        var company = ticket.Cost.DurationAmong(rows);
        if (pictures <= options.MaxRunning && _waiting.Count == 0)
            return company;
        var queued = (ahead + ticket.Cost.Work) / _rate.Value + company / 2;
        return queued > company ? queued : company;
    }

    private void Observe(TimeSpan now)
    {
        if (IsSaturated && now > _last)
            _rate.Record(_done, (now - _last).TotalSeconds);
        if (now > _last || !IsSaturated)
            _done = 0;
        _last = now > _last ? now : _last;
    }
}

using System.Runtime.InteropServices;
using Inference.Sampling;

namespace Inference.Batching;

/// <summary>
/// The scheduling rules without threads and clocks: lanes come, wait and go, and <see cref="Next"/> says which rows run now. A batch goes when every
/// open lane of its network and key waits, when the cap is reached, or when the guard expires; groups are never split, and one larger than the cap runs alone.
/// Lanes that want different forms of a network run in batches of their own, one after the other once all wait, so that none holds up another.
/// Between networks, keys, forms and lanes <see cref="FairShare"/> decides. Calls must not overlap.
/// </summary>
/// <param name="options">Cap and guard.</param>
internal sealed class BatchScheduler<TOwner>(StepBatcherOptions options)
{
    private readonly Dictionary<(BatchNetwork, BatchKey), KeyQueue<TOwner>> _shared = [];
    private readonly List<KeyQueue<TOwner>> _queues = [];
    private readonly List<LaneTicket<TOwner>> _candidates = [];
    private TimeSpan _freeSince;
    private long _arrivals;

    /// <summary>Open lanes.</summary>
    public int OpenLanes { get; private set; }

    /// <summary>Lanes that wait, in no order.</summary>
    public IEnumerable<LaneTicket<TOwner>> Waiting
    {
        get
        {
            foreach (var queue in _queues)
                foreach (var group in queue.Groups)
                    foreach (var ticket in group.Lanes)
                        yield return ticket;
        }
    }

    /// <summary>Open lanes of one network.</summary>
    public int CountLanes(BatchNetwork network)
    {
        var count = 0;
        foreach (var queue in _queues)
            count += queue.Network == network ? queue.Open : 0;
        return count;
    }

    /// <summary>A denoising loop begins: its key's batches wait for it from now on.</summary>
    public void Open(LaneTicket<TOwner> ticket)
    {
        var queue = ticket.Sharing == LaneSharing.Solo
            ? new() { Network = ticket.Network }
            : CollectionsMarshal.GetValueRefOrAddDefault(_shared, (ticket.Network, ticket.Key), out _) ??= new() { Network = ticket.Network };
        if (queue.Open++ == 0)
            _queues.Add(queue);
        ticket.Queue = queue;
        queue.NeededRows += ticket.NeededRows;
        OpenLanes++;
    }

    /// <summary>How many evaluations a lane's next group may have; from now on its groups count as wide by choice.</summary>
    /// <param name="ticket">The lane.</param>
    /// <param name="rows">Rows of one evaluation, ≥ 1.</param>
    public int Width(LaneTicket<TOwner> ticket, int rows)
    {
        var queue = ticket.Queue!;
        queue.ElasticLanes += ticket.IsElastic ? 0 : 1;
        ticket.IsElastic = true;
        Need(ticket, rows);
        var curve = queue.Network.Curves.Of(ticket.Key);
        return WindowWidth.Of(curve, curve.Cap(queue.Network.MaxRows(ticket.Key.Shape, options.MaxRows)), rows, queue.NeededRows - rows, queue.ElasticLanes, OpenLanes == 1);
    }

    /// <summary>A lane wants a group of rows evaluated.</summary>
    public void Enqueue(LaneTicket<TOwner> ticket, int rows, TimeSpan now, NetworkVariant variant = default)
    {
        (ticket.State, ticket.Rows, ticket.Variant, ticket.WaitingSince, ticket.Arrival) = (LaneState.Waiting, rows, variant, now, _arrivals++);
        if (!ticket.IsElastic)
            Need(ticket, rows);
        ticket.Queue!.Add(ticket);
    }

    /// <summary>Takes a waiting group back; false when it does not wait.</summary>
    public bool TryWithdraw(LaneTicket<TOwner> ticket)
    {
        if (ticket.State != LaneState.Waiting)
            return false;
        Remove(ticket, LaneState.Idle);
        return true;
    }

    /// <summary>A denoising loop ends. Rows that run finish their batch; whether rows waited, and now never run, is returned.</summary>
    public bool Close(LaneTicket<TOwner> ticket)
    {
        if (ticket.State == LaneState.Closed)
            return false;
        var waited = TryWithdraw(ticket);
        ticket.State = LaneState.Closed;
        OpenLanes--;
        Need(ticket, 0);
        ticket.Queue!.ElasticLanes -= ticket.IsElastic ? 1 : 0;
        if (--ticket.Queue.Open > 0)
            return waited;
        _queues.Remove(ticket.Queue);
        if (ticket.Sharing == LaneSharing.Shared)
            _shared.Remove((ticket.Network, ticket.Key));
        return waited;
    }

    /// <summary>Decides what a free device does now; the lanes of the batch are added to <paramref name="batch"/> and count as running.</summary>
    public BatchDecision Next(TimeSpan now, List<LaneTicket<TOwner>> batch)
    {
        (WaitingGroup<TOwner> Group, LaneTicket<TOwner> Leader, FlushReason Reason, int Limit)? best = null;
        TimeSpan? askAgain = null;
        foreach (var queue in _queues)
            foreach (var group in queue.Groups)
            {
                if (group.Lanes.Count == 0)
                    continue;
                var limit = BatchSizing.RowLimit(queue.Network.Curves.Of(group.Lanes[0].BatchKey), group.Rows, queue.Network.MaxRows(group.Lanes[0].Key.Shape, options.MaxRows));
                // The guard is the time a free device idles for stragglers; while it worked, nobody held anything up.
                var expires = Max(group.Lanes[0].WaitingSince, _freeSince) + options.Guard;
                if (ReasonToGo(queue, group, limit, expires <= now) is not { } reason)
                    askAgain = askAgain is { } earlier && earlier < expires ? earlier : expires;
                else if (group.Leader() is var leader && (best is null || FairShare.Compare(leader, best.Value.Leader) < 0))
                    best = (group, leader, reason, limit);
            }
        if (best is not { } chosen)
            return new(null, askAgain);
        chosen.Leader.Queue!.Release(chosen.Group);
        Take(chosen.Group, chosen.Leader, chosen.Limit, batch);
        return new(chosen.Reason, null);
    }

    /// <summary>A batch has run: its lanes may come again, and its time is settled.</summary>
    public void Finish(List<LaneTicket<TOwner>> batch, TimeSpan elapsed, TimeSpan now)
    {
        _freeSince = now;
        FairShare.Settle(batch, _queues, elapsed.TotalMilliseconds);
        foreach (var ticket in batch)
            if (ticket.State == LaneState.Running)
                ticket.State = LaneState.Idle;
    }

    private static FlushReason? ReasonToGo(KeyQueue<TOwner> queue, WaitingGroup<TOwner> group, int limit, bool guardExpired) =>
        queue.WaitingLanes == queue.Open || group.IsReleased ? FlushReason.AllWaiting
        : group.Rows >= limit ? FlushReason.Full
        : guardExpired ? FlushReason.Guard
        : null;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private void Take(WaitingGroup<TOwner> group, LaneTicket<TOwner> leader, int limit, List<LaneTicket<TOwner>> batch)
    {
        _candidates.AddRange(group.Lanes);
        _candidates.Sort(FairShare.Compare);
        var rows = 0;
        foreach (var ticket in _candidates)
        {
            if (ticket != leader && rows + ticket.Rows > limit)
                continue;
            rows += ticket.Rows;
            Remove(ticket, LaneState.Running);
            batch.Add(ticket);
        }
        _candidates.Clear();
    }

    private static void Need(LaneTicket<TOwner> ticket, int rows)
    {
        ticket.Queue!.NeededRows += rows - ticket.NeededRows;
        ticket.NeededRows = rows;
    }

    private static void Remove(LaneTicket<TOwner> ticket, LaneState next)
    {
        ticket.Queue!.Remove(ticket);
        ticket.State = next;
    }
}

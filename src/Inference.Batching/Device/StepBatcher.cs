using System.Runtime.InteropServices;

namespace Inference.Batching;

/// <summary>
/// The only way to a device: gathers rows of all running requests into batches, one dedicated thread for all networks of the device. The rules are
/// <see cref="BatchScheduler{TOwner}"/>'s; this is the thread around them. Completions continue on the thread pool.
/// </summary>
public sealed class StepBatcher : IDisposable
{
    private readonly object _gate = new();
    private readonly BatchRunner _runner = new();
    private readonly BatchScheduler<Lane> _scheduler;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly IBatchObserver? _observer;
    private readonly BatchMix _mix = new();
    private readonly List<LaneTicket<Lane>> _batch = [];
    private readonly ITimer _guard;
    private readonly Thread _thread;
    private BatchNetwork? _evaluating;
    private bool _stopping;

    /// <param name="name">Name of the device thread.</param>
    /// <param name="options">Cap and guard.</param>
    /// <param name="time">Clock of the guard.</param>
    /// <param name="observer">Told of every batch, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public StepBatcher(string name, StepBatcherOptions options, TimeProvider time, IBatchObserver? observer = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Guard, TimeSpan.Zero);
        (Options, _time, _observer, _started) = (options, time, observer, time.GetTimestamp());
        _scheduler = new(options);
        _guard = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new(Run) { Name = $"device {name}", IsBackground = true };
        _thread.Start();
    }

    public StepBatcherOptions Options { get; }

    /// <summary>Rows that wait for a batch.</summary>
    public int WaitingRows
    {
        get
        {
            lock (_gate)
                return _scheduler.Waiting.Sum(ticket => ticket.Rows);
        }
    }

    /// <summary>Adds a network; dispose the result to take it off the device.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="evaluator">The network; disposed with the result.</param>
    /// <param name="room">How many rows its device has memory for; null is any number.</param>
    /// <exception cref="ObjectDisposedException">The batcher was closed.</exception>
    public BatchNetwork Attach(string name, IBatchEvaluator evaluator, IRowRoom? room = null)
    {
        lock (_gate)
            ObjectDisposedException.ThrowIf(_stopping, this);
        return new(this, name, evaluator, room);
    }

    /// <summary>Stops the thread after the batch under way; waiting lanes fail with <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
                return;
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
        // A device that hangs cannot be waited for.
        if (!_thread.Join(Options.StopLimit))
            return;
        _guard.Dispose();
    }

    internal int CountLanes(BatchNetwork network)
    {
        lock (_gate)
            return _scheduler.CountLanes(network);
    }

    internal void Open(Lane lane)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            ObjectDisposedException.ThrowIf(lane.Ticket.Network.IsClosed, lane.Ticket.Network);
            _scheduler.Open(lane.Ticket);
        }
    }

    /// <summary>Takes a network off the device; false when it was already, or when it hangs, so that its evaluator must be left alone.</summary>
    internal bool Remove(BatchNetwork network)
    {
        lock (_gate)
        {
            if (network.IsClosed)
                return false;
            network.IsClosed = true;
            FailWaiting(network, network);
            while (_evaluating == network)
                if (!Monitor.Wait(_gate, Options.StopLimit))
                    return false;
            return true;
        }
    }

    internal void Enqueue(Lane lane)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping || lane.Ticket.Network.IsClosed || lane.Ticket.State == LaneState.Closed, lane);
            _scheduler.Enqueue(lane.Ticket, lane.Rows.Length, Now(), lane.Rows.Span[0].Variant);
            Monitor.PulseAll(_gate);
        }
    }

    internal int Width(Lane lane, int rows)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(lane.Ticket.State == LaneState.Closed, lane);
            return _scheduler.Width(lane.Ticket, rows);
        }
    }

    internal bool TryWithdraw(Lane lane)
    {
        lock (_gate)
        {
            var withdrawn = _scheduler.TryWithdraw(lane.Ticket);
            Monitor.PulseAll(_gate);
            return withdrawn;
        }
    }

    internal void Close(Lane lane)
    {
        lock (_gate)
        {
            if (_scheduler.Close(lane.Ticket))
                lane.Failed(new ObjectDisposedException(nameof(Lane)));
            // The lanes that are left may now all be waiting.
            Monitor.PulseAll(_gate);
        }
    }

    private TimeSpan Now() => _time.GetElapsedTime(_started);

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        while (TryWaitForBatch(out var reason))
            Evaluate(reason);
    }

    private bool TryWaitForBatch(out FlushReason reason)
    {
        reason = default;
        lock (_gate)
        {
            while (!_stopping)
            {
                var decision = _scheduler.Next(Now(), _batch);
                if (decision.Reason is { } go)
                {
                    (reason, _evaluating) = (go, _batch[0].Network);
                    return true;
                }
                // On a busy machine the moment may be over before the timer is set.
                _guard.Change(decision.AskAgain is { } at ? TimeSpan.FromTicks(Math.Max(0, (at - Now()).Ticks)) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                Monitor.Wait(_gate);
            }
            FailWaiting(null, this);
            return false;
        }
    }

    private void FailWaiting(BatchNetwork? network, object closed)
    {
        foreach (var ticket in _scheduler.Waiting.Where(ticket => network is null || ticket.Network == network).ToArray())
        {
            _scheduler.TryWithdraw(ticket);
            ticket.Owner.Failed(new ObjectDisposedException(closed.GetType().Name));
        }
    }

    private void Evaluate(FlushReason reason)
    {
        var (network, key) = (_batch[0].Network, _batch[0].BatchKey);
        var (rows, labels, timesteps) = _mix.Count(_batch);
        var started = _time.GetTimestamp();
        var succeeded = _runner.Run(network.Evaluator, key, CollectionsMarshal.AsSpan(_batch));
        var elapsed = _time.GetElapsedTime(started);
        if (succeeded)
            network.Curves.Of(key).Record(rows, elapsed);
        var report = new BatchReport(network.Name, key, rows, network.Evaluator.PaddingRows, _batch.Count, labels, timesteps, reason, elapsed, !succeeded);
        _observer?.OnBatch(report);

        // All lanes leave the batch before the first of them runs on, so that none finds another still running.
        lock (_gate)
        {
            _scheduler.Finish(_batch, elapsed, Now());
            _evaluating = null;
            Monitor.PulseAll(_gate);
        }
        foreach (var ticket in _batch)
            ticket.Owner.Finished(report);
        _batch.Clear();
    }
}

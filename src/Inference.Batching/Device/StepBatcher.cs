using System.Runtime.InteropServices;

namespace Inference.Batching;

/// <summary>
/// The only way to a network: gathers rows of all running requests into batches, one dedicated thread a device. The rules are
/// <see cref="BatchScheduler{TOwner}"/>'s; this is the thread around them. Completions continue on the thread pool.
/// </summary>
public sealed class StepBatcher : IDisposable
{
    private readonly object _gate = new();
    private readonly IBatchEvaluator _evaluator;
    private readonly BatchRunner _runner;
    private readonly BatchScheduler<Lane> _scheduler;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly IBatchObserver? _observer;
    private readonly BatchMix _mix = new();
    private readonly List<LaneTicket<Lane>> _batch = [];
    private readonly ITimer _guard;
    private readonly Thread _thread;
    private bool _stopping;

    /// <param name="name">Name of the device thread.</param>
    /// <param name="evaluator">The device; disposed with the batcher.</param>
    /// <param name="options">Cap and guard.</param>
    /// <param name="time">Clock of the guard.</param>
    /// <param name="observer">Told of every batch, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public StepBatcher(string name, IBatchEvaluator evaluator, StepBatcherOptions options, TimeProvider time, IBatchObserver? observer = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Guard, TimeSpan.Zero);
        (Options, _evaluator, _time, _observer, _started) = (options, evaluator, time, observer, time.GetTimestamp());
        _runner = new(evaluator);
        _scheduler = new(options, Curves);
        _guard = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new(Run) { Name = $"device {name}", IsBackground = true };
        _thread.Start();
    }

    public StepBatcherOptions Options { get; }

    /// <summary>Measured cost of this model's batches.</summary>
    public CostCurves Curves { get; } = new();

    /// <summary>Lanes that are open now.</summary>
    public int OpenLanes
    {
        get
        {
            lock (_gate)
                return _scheduler.OpenLanes;
        }
    }

    /// <summary>Opens a lane for one denoising loop.</summary>
    /// <param name="key">What its rows have in common.</param>
    /// <param name="sharing">Whether its rows meet others.</param>
    /// <param name="label">What reports count it under (the sampler).</param>
    /// <exception cref="ObjectDisposedException">The batcher was closed.</exception>
    public Lane OpenLane(BatchKey key, LaneSharing sharing = LaneSharing.Shared, string label = "")
    {
        var lane = new Lane(this, key, sharing, label);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _scheduler.Open(lane.Ticket);
        }
        return lane;
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
        // A device that hangs cannot be waited for; its evaluator stays with the thread.
        if (!_thread.Join(Options.StopLimit))
            return;
        _guard.Dispose();
        _evaluator.Dispose();
    }

    internal void Enqueue(Lane lane)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping || lane.Ticket.State == LaneState.Closed, lane);
            _scheduler.Enqueue(lane.Ticket, lane.Rows.Length, Now());
            Monitor.PulseAll(_gate);
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
                    reason = go;
                    return true;
                }
                _guard.Change(decision.AskAgain is { } at ? at - Now() : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                Monitor.Wait(_gate);
            }
            foreach (var ticket in _scheduler.Waiting.ToArray())
            {
                _scheduler.TryWithdraw(ticket);
                ticket.Owner.Failed(new ObjectDisposedException(nameof(StepBatcher)));
            }
            return false;
        }
    }

    private void Evaluate(FlushReason reason)
    {
        var key = _batch[0].Key;
        var (rows, labels, timesteps) = _mix.Count(_batch);
        var started = _time.GetTimestamp();
        var succeeded = _runner.Run(key, CollectionsMarshal.AsSpan(_batch));
        var elapsed = _time.GetElapsedTime(started);
        if (succeeded)
            Curves.Of(key).Record(rows, elapsed);
        _observer?.OnBatch(new(key, rows, _batch.Count, labels, timesteps, reason, elapsed, !succeeded));

        // All lanes leave the batch before the first of them runs on, so that none finds another still running.
        lock (_gate)
            _scheduler.Finish(_batch, elapsed, Now());
        foreach (var ticket in _batch)
            ticket.Owner.Finished(rows);
        _batch.Clear();
    }
}

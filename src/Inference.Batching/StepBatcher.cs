using Inference.Sampling;

namespace Inference.Batching;

/// <summary>
/// The only way to a network: gathers rows of all running requests into batches, one dedicated thread a device. A batch goes when every open lane
/// of its key waits, when the row cap is reached, or when the guard expires. Groups are never split. Completions continue on the thread pool.
/// </summary>
public sealed class StepBatcher : IDisposable
{
    private readonly object _gate = new();
    private readonly IBatchEvaluator _evaluator;
    private readonly StepBatcherOptions _options;
    private readonly TimeProvider _time;
    private readonly IBatchObserver? _observer;
    private readonly List<Lane> _open = [];
    private readonly List<Lane> _waiting = [];
    private readonly List<Lane> _batch = [];
    private readonly ITimer _guard;
    private readonly Thread _thread;
    private NetworkRow[] _rows = new NetworkRow[16];
    private bool _stopping;

    /// <param name="name">Name of the device thread.</param>
    /// <param name="evaluator">The device; disposed with the batcher.</param>
    /// <param name="options">Cap and guard.</param>
    /// <param name="time">Clock of the guard.</param>
    /// <param name="observer">Told of every batch, or null.</param>
    public StepBatcher(string name, IBatchEvaluator evaluator, StepBatcherOptions options, TimeProvider time, IBatchObserver? observer = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRows, 1);
        (_evaluator, _options, _time, _observer) = (evaluator, options, time, observer);
        _guard = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new(Run) { Name = $"device {name}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Lanes that are open now.</summary>
    public int OpenLanes
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    /// <summary>Opens a lane for one denoising loop.</summary>
    /// <exception cref="ObjectDisposedException">The batcher was closed.</exception>
    public Lane OpenLane(BatchKey key)
    {
        var lane = new Lane(this, key);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _open.Add(lane);
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
        _thread.Join();
        _guard.Dispose();
        _evaluator.Dispose();
    }

    internal void Enqueue(Lane lane)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping || lane.State == LaneState.Closed, lane);
            lane.State = LaneState.Waiting;
            lane.WaitingSince = _time.GetTimestamp();
            _waiting.Add(lane);
            Monitor.PulseAll(_gate);
        }
    }

    internal bool TryWithdraw(Lane lane)
    {
        lock (_gate)
        {
            if (lane.State != LaneState.Waiting)
                return false;
            _waiting.Remove(lane);
            lane.State = LaneState.Idle;
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    internal void Close(Lane lane)
    {
        lock (_gate)
        {
            lane.State = LaneState.Closed;
            _open.Remove(lane);
            _waiting.Remove(lane);
            // The lanes that are left may now all be waiting.
            Monitor.PulseAll(_gate);
        }
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        while (true)
        {
            var reason = default(FlushReason);
            lock (_gate)
            {
                while (!_stopping && !TryTakeBatch(out reason))
                    Monitor.Wait(_gate);
                if (_stopping)
                {
                    foreach (var lane in _waiting)
                        lane.Failed(new ObjectDisposedException(nameof(StepBatcher)));
                    _waiting.Clear();
                    return;
                }
            }
            Evaluate(reason);
        }
    }

    // Moves the next batch from the waiting lanes to _batch: of all keys that are ready, the one whose first lane has waited longest.
    private bool TryTakeBatch(out FlushReason reason)
    {
        reason = default;
        var nextGuard = Timeout.InfiniteTimeSpan;
        for (var first = 0; first < _waiting.Count; first++)
        {
            var oldest = _waiting[first];
            if (IsKeySeenBefore(first))
                continue;
            if (IsReady(oldest, out reason, out var left))
            {
                Take(oldest.Key, first);
                return true;
            }
            if (nextGuard == Timeout.InfiniteTimeSpan || left < nextGuard)
                nextGuard = left;
        }
        _guard.Change(nextGuard, Timeout.InfiniteTimeSpan);
        return false;
    }

    private bool IsKeySeenBefore(int index)
    {
        for (var i = 0; i < index; i++)
            if (_waiting[i].Key == _waiting[index].Key)
                return true;
        return false;
    }

    private bool IsReady(Lane oldest, out FlushReason reason, out TimeSpan left)
    {
        var (open, waiting, rows) = (0, 0, 0);
        foreach (var lane in _open)
        {
            if (lane.Key != oldest.Key)
                continue;
            open++;
            if (lane.State != LaneState.Waiting)
                continue;
            waiting++;
            rows += lane.Rows.Length;
        }
        left = _options.Guard - _time.GetElapsedTime(oldest.WaitingSince);
        reason = waiting == open ? FlushReason.AllWaiting : rows >= _options.MaxRows ? FlushReason.Full : FlushReason.Guard;
        return reason != FlushReason.Guard || left <= TimeSpan.Zero;
    }

    private void Take(BatchKey key, int first)
    {
        var rows = 0;
        for (var i = first; i < _waiting.Count; i++)
        {
            var lane = _waiting[i];
            if (lane.Key != key || (rows > 0 && rows + lane.Rows.Length > _options.MaxRows))
                continue;
            rows += lane.Rows.Length;
            lane.State = LaneState.Running;
            _batch.Add(lane);
        }
        _waiting.RemoveAll(static lane => lane.State == LaneState.Running);
    }

    private void Evaluate(FlushReason reason)
    {
        var count = CollectRows();
        var key = _batch[0].Key;
        var started = _time.GetTimestamp();
        var failure = default(Exception);
        try
        {
            _evaluator.Evaluate(key, _rows.AsSpan(0, count));
        }
        catch (Exception exception)
        {
            failure = exception as EvaluationException ?? new EvaluationException($"The network could not be evaluated: {exception.Message}", exception);
        }
        _observer?.OnBatch(key, count, reason, _time.GetElapsedTime(started));
        Array.Clear(_rows, 0, count);

        // All lanes leave the batch before the first of them runs on, so that none finds another still running.
        lock (_gate)
            foreach (var lane in _batch)
                if (lane.State == LaneState.Running)
                    lane.State = LaneState.Idle;
        foreach (var lane in _batch)
            if (failure is null)
                lane.Completed(count);
            else
                lane.Failed(failure);
        _batch.Clear();
    }

    private int CollectRows()
    {
        var count = 0;
        foreach (var lane in _batch)
        {
            if (_rows.Length < count + lane.Rows.Length)
                Array.Resize(ref _rows, Math.Max(2 * _rows.Length, count + lane.Rows.Length));
            lane.Rows.Span.CopyTo(_rows.AsSpan(count));
            count += lane.Rows.Length;
        }
        return count;
    }
}

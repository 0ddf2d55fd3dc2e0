namespace Inference.LoadTest.Tests;

/// <summary>Runs asynchronous code in virtual time on one thread: when nothing is left to do, the clock jumps to the next timer.</summary>
internal sealed class VirtualClock : TimeProvider
{
    private readonly PriorityQueue<(VirtualTimer Timer, long Version), (long Due, long Order)> _timers = new();
    private readonly Queue<Action> _work = new();
    private long _now;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_now);

    public TimeSpan Now => TimeSpan.FromTicks(_now);

    public T Run<T>(Func<Task<T>> main)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Pump(this));
        try
        {
            var task = main();
            while (!task.IsCompleted)
                if (_work.TryDequeue(out var work))
                    work();
                else if (_timers.TryDequeue(out var entry, out var at))
                    Fire(entry.Timer, entry.Version, at.Due);
                else
                    throw new InvalidOperationException("Nothing is left to do, and the task is not done.");
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private void Fire(VirtualTimer timer, long version, long due)
    {
        if (timer.Version != version)
            return;
        _now = Math.Max(_now, due);
        timer.Callback();
    }

    private sealed class Pump(VirtualClock clock) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => clock._work.Enqueue(() => d(state));
    }

    private sealed class VirtualTimer(VirtualClock clock, Action callback) : ITimer
    {
        public Action Callback => callback;

        public long Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Version++;
            if (dueTime >= TimeSpan.Zero)
                clock._timers.Enqueue((this, Version), (clock._now + dueTime.Ticks, clock._order++));
            return true;
        }

        public void Dispose() => Version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

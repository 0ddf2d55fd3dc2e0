namespace Inference.LoadTest.Tests;

/// <summary>Wakes waiters on time from a thread that sleeps: timers of a busy thread pool are tens of milliseconds late.</summary>
internal sealed class SleepingServer : IDisposable
{
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _changed = new(false);
    private volatile bool _over;

    public SleepingServer() => new Thread(Run) { IsBackground = true, Priority = ThreadPriority.Highest }.Start();

    /// <summary>Completes at a timestamp of the system's clock.</summary>
    public Task WaitUntilAsync(long timestamp)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiting.Enqueue(waiter, timestamp);
        _changed.Set();
        return waiter.Task;
    }

    public void Dispose()
    {
        _over = true;
        _changed.Set();
    }

    private void Run()
    {
        while (!_over)
        {
            var wait = Timeout.Infinite;
            lock (_gate)
                while (_waiting.TryPeek(out var waiter, out var due))
                {
                    var left = TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), due);
                    if (left > TimeSpan.Zero)
                    {
                        wait = (int)Math.Ceiling(left.TotalMilliseconds);
                        break;
                    }
                    _waiting.Dequeue();
                    waiter.SetResult();
                }
            _changed.WaitOne(wait);
        }
    }
}

namespace Inference.LoadTest;

/// <summary>Calls something at given times, never early; what is late follows at once. Returns when the times end or the token is cancelled.</summary>
internal delegate Task Pacer(IRequestSender sender, IEnumerable<TimeSpan> times, Action<TimeSpan> send, CancellationToken stop);

/// <summary>Pacers for the real clock and for any other.</summary>
internal static class Pacers
{
    /// <summary>A sleeping thread; a millisecond late at most while there is a processor for it.</summary>
    public static Task Thread(IRequestSender sender, IEnumerable<TimeSpan> times, Action<TimeSpan> send, CancellationToken stop)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                foreach (var at in times)
                {
                    while (at - sender.Elapsed is { Ticks: > 0 } left && !stop.IsCancellationRequested)
                        stop.WaitHandle.WaitOne((int)Math.Min(int.MaxValue, Math.Ceiling(left.TotalMilliseconds)));
                    if (stop.IsCancellationRequested)
                        break;
                    send(at);
                }
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        { IsBackground = true, Name = "load test arrivals", Priority = ThreadPriority.AboveNormal }.Start();
        return done.Task;
    }

    /// <summary>Timers of the sender's clock.</summary>
    public static async Task Timer(IRequestSender sender, IEnumerable<TimeSpan> times, Action<TimeSpan> send, CancellationToken stop)
    {
        foreach (var at in times)
        {
            await WaitAsync(sender, at, stop);
            if (stop.IsCancellationRequested)
                return;
            send(at);
        }
    }

    /// <summary>Waits until a time of the run, or until the token is cancelled.</summary>
    public static async Task WaitAsync(IRequestSender sender, TimeSpan at, CancellationToken stop)
    {
        while (at - sender.Elapsed is { Ticks: > 0 } left && !stop.IsCancellationRequested)
        {
            var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // Not Task.Delay, which cuts to whole milliseconds.
            await using var timer = sender.Time.CreateTimer(_ => due.TrySetResult(), null, sender.Time == TimeProvider.System ? left + TimeSpan.FromMilliseconds(1) : left, Timeout.InfiniteTimeSpan);
            await using var stopped = stop.Register(() => due.TrySetResult());
            await due.Task;
        }
    }
}

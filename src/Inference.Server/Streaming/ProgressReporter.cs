namespace Inference.Server;

/// <summary>Tells the client of a stream where its request stands, whenever that has changed, until the stream ends.</summary>
internal sealed class ProgressReporter : IAsyncDisposable
{
    // Ten times a second is as much as people see.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _ended = new();
    private readonly Task _reports;

    private ProgressReporter(Func<CancellationToken, Task> report) => _reports = report(_ended.Token);

    /// <summary>Begins to report.</summary>
    /// <param name="events">Where it goes.</param>
    /// <param name="name">Name of the events.</param>
    /// <param name="turn">The request's place in the queue.</param>
    /// <param name="steps">The steps of its pictures.</param>
    /// <param name="time">The clock of the reports.</param>
    public static ProgressReporter Start(EventStream events, string name, Turn turn, ProgressTap steps, TimeProvider time) =>
        new(ended => ReportAsync(events, name, turn, steps, time, ended));

    /// <summary>Ends the reports, whatever became of them: a client that is gone is noticed by the request itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _reports.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private static async Task ReportAsync(EventStream events, string name, Turn turn, ProgressTap steps, TimeProvider time, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(Interval, time);
        ProgressEvent? last = null;
        do
        {
            var now = Now(name, turn, steps);
            if (now.Differs(last))
                await events.SendAsync(name, now, ServerJson.Default.ProgressEvent);
            last = now;
        }
        while (await timer.WaitForNextTickAsync(ended));
    }

    private static ProgressEvent Now(string name, Turn turn, ProgressTap steps)
    {
        var place = turn.Begun.IsCompleted ? null : turn.Place;
        return new(name, place is null ? "running" : "queued", place?.Ahead, place?.StartsIn.TotalMilliseconds, steps.Read());
    }
}

namespace Inference.LoadTest;

/// <summary>Sends at the arrival times without waiting for answers.</summary>
internal sealed class OpenLoop(IArrivals arrivals) : ILoad
{
    public LoadKind Kind => LoadKind.OpenLoop;

    public string Description => arrivals.Description;

    public TimeSpan Duration => arrivals.Duration;

    public async Task GenerateAsync(IRequestSender sender, long seed, CancellationToken stop)
    {
        // The real clock gets a thread of its own: timers of the thread pool were measured up to 60 ms late on a busy machine, a sleeping thread 1 ms.
        Pacer pacer = sender.Time == TimeProvider.System ? Pacers.Thread : Pacers.Timer;
        // What SendAsync does before it first waits, writing to a socket, is done right here: no hop that could be late.
        await pacer(sender, arrivals.Times(seed), at => _ = sender.SendAsync(at), stop);
        await Pacers.WaitAsync(sender, Duration, stop);
    }
}

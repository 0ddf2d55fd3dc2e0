namespace Inference.LoadTest;

/// <summary>Clients that wait for their answers. Latency counts from sending, since nothing was meant to be sent earlier.</summary>
internal sealed class ClosedLoop(int concurrency, TimeSpan duration) : ILoad
{
    public LoadKind Kind => LoadKind.ClosedLoop;

    public string Description => $"closed loop, {concurrency} client{(concurrency == 1 ? "" : "s")}";

    public TimeSpan Duration => duration;

    public Task GenerateAsync(IRequestSender sender, long seed, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => ClientAsync(sender, stop)));

    private async Task ClientAsync(IRequestSender sender, CancellationToken stop)
    {
        while (sender.Elapsed is var now && now < duration && !stop.IsCancellationRequested)
        {
            var sent = sender.SendAsync(now);
            // A target that refuses at once must not keep this thread.
            if (sent.IsCompleted)
                await Task.Yield();
            await sent;
        }
    }
}

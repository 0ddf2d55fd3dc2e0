namespace Inference.LoadTest;

/// <summary>Runs one load against one target.</summary>
public static class LoadRunner
{
    /// <summary>Sends for the load's duration, then waits for the answers still out. A cancelled token ends both at once; what was measured so far is the result.</summary>
    /// <param name="seed">Of arrivals and mix: equal seeds, equal requests at equal times.</param>
    public static async Task<RunRecord> RunAsync(ILoad load, Mix mix, long seed, ITarget target, TimeProvider time, IRunObserver? observer, CancellationToken stop)
    {
        var sender = new RequestSender(mix, seed, target, time, observer, stop);
        await load.GenerateAsync(sender, seed, stop);
        var window = sender.Elapsed < load.Duration ? sender.Elapsed : load.Duration;
        var (measurements, unfinished) = await sender.FinishAsync();
        return new(load.Kind, load.Description, window, measurements, unfinished, stop.IsCancellationRequested);
    }
}

namespace Inference.Server;

/// <summary>
/// Stops serving without losing what was let in: readiness goes off and new requests get 503, those let in finish within the grace time, then the
/// process stops.
/// </summary>
internal sealed partial class Drain(
    GenerationQueue queue, DeviceHealth device, ServerOptions options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<Drain> logger) : IDisposable
{
    private readonly CancellationTokenSource _starting = new();
    private readonly CancellationTokenSource _expired = new();
    private int _begun;

    /// <summary>Whether the server is stopping.</summary>
    public bool HasBegun => Volatile.Read(ref _begun) != 0;

    /// <summary>Cancelled when the server begins to stop.</summary>
    public CancellationToken Begun => _starting.Token;

    /// <summary>Cancelled when the grace time is over: requests that are left end.</summary>
    public CancellationToken Expired => _expired.Token;

    /// <summary>Drains, then stops the host. A second call stops it at once.</summary>
    public async Task RunAsync()
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0)
        {
            lifetime.StopApplication();
            return;
        }
        var idle = queue.CloseAsync();
        LogDraining(queue.Running, queue.Waiting, options.Shutdown.GraceMilliseconds);
        await _starting.CancelAsync();
        var stopping = lifetime.ApplicationStopping;
        try
        {
            var notice = Task.Delay(TimeSpan.FromMilliseconds(options.Shutdown.NoticeMilliseconds), time, stopping);
            // What waits for a device that hangs will not finish.
            await device.AwaitAsync(idle.WaitAsync(TimeSpan.FromMilliseconds(options.Shutdown.GraceMilliseconds), time, stopping));
            await notice;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException or DeviceLostException)
        {
            // The grace time is over, somebody is in a hurry, or nothing can finish.
            LogExpired(queue.Running, queue.Waiting);
            await _expired.CancelAsync();
        }
        lifetime.StopApplication();
    }

    public void Dispose()
    {
        _starting.Dispose();
        _expired.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: {Running} pictures run, {Waiting} requests wait; they have {GraceMilliseconds} ms")]
    private partial void LogDraining(int running, int waiting, int graceMilliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopping before all is done: {Running} pictures and {Waiting} requests are given up")]
    private partial void LogExpired(int running, int waiting);
}

/// <summary>The server is stopping.</summary>
internal sealed class ServerStoppingException() : Exception("The server is stopping; another one may serve the request.");

using System.Runtime.InteropServices;

namespace Inference.Server;

/// <summary>Ends the process on SIGTERM, SIGINT and SIGQUIT by way of <see cref="Drain"/>, where the host's own lifetime would close the listener at once.</summary>
internal sealed class DrainingLifetime(Drain drain) : IHostLifetime, IDisposable
{
    private PosixSignalRegistration[] _signals = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        // Signals come on a thread of the runtime's that must not wait.
        _ = Task.Run(drain.RunAsync);
    }
}

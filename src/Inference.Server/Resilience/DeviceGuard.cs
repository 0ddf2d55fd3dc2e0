using System.Collections.Concurrent;
using Inference.Batching;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>Guards every network that is loaded, and knows how they stand.</summary>
internal sealed partial class DeviceGuard(ServerOptions options, TimeProvider time, DeviceMetrics metrics, ILogger<DeviceGuard> logger) : INetworkGuard, IDeviceObserver
{
    // By instance: a model that is unloaded and loaded again has another one.
    private readonly ConcurrentDictionary<GuardedNetwork, byte> _networks = [];

    /// <summary>The networks in memory.</summary>
    public IEnumerable<GuardedNetwork> Networks => _networks.Keys;

    public IBatchEvaluator Guard(string model, IRenewableEvaluator network)
    {
        var guarded = new GuardedNetwork(model, network, options.Resilience, time, this, gone => _networks.TryRemove(gone, out _));
        _networks.TryAdd(guarded, 0);
        return guarded;
    }

    /// <summary>Whether an error stuck to the device: only another process can help.</summary>
    public bool IsStuck { get; private set; }

    void IDeviceObserver.OnStuck(string model, Exception failure)
    {
        IsStuck = true;
        LogStuck(failure, model);
    }

    void IDeviceObserver.OnRetry(string model, Exception failure)
    {
        metrics.Retried(model);
        LogRetry(failure, model);
    }

    void IDeviceObserver.OnOpened(string model, int times, Exception? failure)
    {
        metrics.CircuitOpened(model);
        LogOpened(failure, model, times);
    }

    void IDeviceObserver.OnClosed(string model) => LogClosed(model);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model '{Model}': the provider failed; the evaluation is tried again on a fresh session")]
    private partial void LogRetry(Exception failure, string model);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Model '{Model}': an error stuck to the device; the process has to be restarted")]
    private partial void LogStuck(Exception failure, string model);

    [LoggerMessage(Level = LogLevel.Error, Message = "Model '{Model}': the circuit is open, {Times} times in a row; the server is not ready")]
    private partial void LogOpened(Exception? failure, string model, int times);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model '{Model}': the circuit is closed, the device works again")]
    private partial void LogClosed(string model);
}

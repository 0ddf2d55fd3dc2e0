using Inference.Batching;
using Inference.Sampling;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Inference.Server;

/// <summary>
/// A network whose provider may fail: an evaluation that does is tried once more on a fresh session; when too many fail all the same, the circuit opens
/// and evaluations are refused until a probe succeeds. An error that sticks is reported at once, and so is memory that does not suffice on a fresh
/// session either for a batch of a size that has worked before. Evaluations come from one thread; what says how it stands may be asked by any.
/// </summary>
internal sealed class GuardedNetwork : IBatchEvaluator
{
    private readonly IRenewableEvaluator _network;
    private readonly TimeProvider _time;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ResiliencePipeline _pipeline;
    private readonly TimeSpan _break;
    private readonly Action<GuardedNetwork> _disposed;
    private readonly IDeviceObserver _observer;
    private long _largest;
    private NetworkRow[] _rows = [];
    private BatchKey _key;
    private int _count;
    private long _startedAt;
    private long _openedAt;
    private int _openings;

    /// <param name="model">Name of its model.</param>
    /// <param name="network">The network.</param>
    /// <param name="options">When the circuit opens and for how long.</param>
    /// <param name="time">Clock of the circuit.</param>
    /// <param name="observer">Told what befalls it.</param>
    /// <param name="disposed">Called when it is disposed.</param>
    public GuardedNetwork(string model, IRenewableEvaluator network, ResilienceOptions options, TimeProvider time, IDeviceObserver observer, Action<GuardedNetwork> disposed)
    {
        (Model, _network, _time, _break, _disposed, _observer) = (model, network, time, options.Break, disposed, observer);
        var failures = new PredicateBuilder().Handle<ProviderFailedException>();
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = failures,
                FailureRatio = options.FailureRatio,
                MinimumThroughput = options.MinimumEvaluations,
                SamplingDuration = TimeSpan.FromMilliseconds(options.WindowMilliseconds),
                BreakDuration = options.Break,
                StateProvider = _circuit,
                OnOpened = opened =>
                {
                    Volatile.Write(ref _openedAt, time.GetTimestamp());
                    observer.OnOpened(model, Interlocked.Increment(ref _openings), opened.Outcome.Exception);
                    return default;
                },
                OnClosed = _ =>
                {
                    Volatile.Write(ref _openings, 0);
                    observer.OnClosed(model);
                    return default;
                },
            })
            .AddRetry(new RetryStrategyOptions
            {
                // A fresh session is on the same device.
                ShouldHandle = new PredicateBuilder().Handle<ProviderFailedException>(failure => failure.Fault != DeviceFault.Sticking),
                MaxRetryAttempts = 1,
                Delay = TimeSpan.Zero,
                OnRetry = retry =>
                {
                    observer.OnRetry(model, retry.Outcome.Exception!);
                    network.Renew();
                    return default;
                },
            })
            .Build();
    }

    /// <summary>Name of its model.</summary>
    public string Model { get; }

    /// <inheritdoc/>
    public int PaddingRows => _network.PaddingRows;

    /// <summary>Whether evaluations are refused.</summary>
    public bool IsOpen => _circuit.CircuitState != CircuitState.Closed;

    /// <summary>How often the circuit opened since it was last closed; above 1, probes failed.</summary>
    public int Openings => Volatile.Read(ref _openings);

    /// <summary>Whether the circuit is open and may be tried again.</summary>
    public bool WantsProbe => IsOpen && _time.GetElapsedTime(Volatile.Read(ref _openedAt)) >= _break;

    /// <summary>How long the evaluation under way has run; null when there is none.</summary>
    public TimeSpan? RunningFor => Volatile.Read(ref _startedAt) is var started and not 0 ? _time.GetElapsedTime(started) : null;

    /// <inheritdoc/>
    /// <exception cref="DeviceUnavailableException">The circuit is open.</exception>
    /// <exception cref="ProviderFailedException">The provider failed, and failed again on a fresh session.</exception>
    public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
    {
        // A span cannot be state of the pipeline's.
        if (_rows.Length < rows.Length)
            _rows = new NetworkRow[rows.Length];
        rows.CopyTo(_rows);
        (_key, _count) = (key, rows.Length);
        Volatile.Write(ref _startedAt, Math.Max(1, _time.GetTimestamp()));
        try
        {
            _pipeline.Execute(static self => self._network.Evaluate(self._key, self._rows.AsSpan(0, self._count)), this);
            _largest = Math.Max(_largest, Size);
        }
        catch (ProviderFailedException failure) when (failure.Fault == DeviceFault.Sticking || (failure.Fault == DeviceFault.OutOfMemory && Size <= _largest))
        {
            _observer.OnStuck(Model, failure);
            throw;
        }
        catch (BrokenCircuitException)
        {
            throw new DeviceUnavailableException(Model, _break);
        }
        finally
        {
            Volatile.Write(ref _startedAt, 0);
            Array.Clear(_rows, 0, _count);
        }
    }

    // What memory goes by.
    private long Size => (long)_count * _key.Shape.Length;

    public void Dispose()
    {
        _disposed(this);
        _network.Dispose();
    }
}

/// <summary>Told what befalls the device; called on its thread, so it must be quick.</summary>
internal interface IDeviceObserver
{
    /// <summary>An evaluation failed and is tried again.</summary>
    void OnRetry(string model, Exception failure);

    /// <summary>The device does not work any more, for any model.</summary>
    void OnStuck(string model, Exception failure);

    /// <summary>A model's circuit opened, for the given time in a row.</summary>
    void OnOpened(string model, int times, Exception? failure);

    /// <summary>A model's circuit closed.</summary>
    void OnClosed(string model);
}

/// <summary>A model's circuit is open: its device failed too often.</summary>
internal sealed class DeviceUnavailableException(string model, TimeSpan retryAfter) : Exception($"The device failed repeatedly on model '{model}' and is being tried again.")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

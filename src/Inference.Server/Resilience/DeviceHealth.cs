namespace Inference.Server;

/// <summary>How the device stands.</summary>
internal enum DeviceState
{
    /// <summary>It evaluates.</summary>
    Working,

    /// <summary>It failed too often and is being tried again: the server is not ready.</summary>
    Failing,

    /// <summary>An evaluation hangs, an error sticks, or probe after probe fails: only another process can help, so the server is not live.</summary>
    Lost,
}

/// <summary>Sums up how the device stands, and frees those who wait for one that hangs.</summary>
internal sealed class DeviceHealth(DeviceGuard guard, ServerOptions options)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _hung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How it stands now.</summary>
    public DeviceState State =>
        IsHung || guard.IsStuck || guard.Networks.Any(network => network.Openings > options.Resilience.MaxFailedProbes) ? DeviceState.Lost
        : guard.Networks.Any(network => network.IsOpen) ? DeviceState.Failing
        : DeviceState.Working;

    /// <summary>Whether nothing can be evaluated any more.</summary>
    public bool IsLost => IsHung || guard.IsStuck;

    /// <summary>Whether an evaluation runs longer than any may.</summary>
    public bool IsHung => guard.Networks.Any(network => network.RunningFor > options.Resilience.Hang);

    /// <summary>Waits for work that needs the device.</summary>
    /// <param name="work">The work.</param>
    /// <param name="abandon">Ends it, as soon as the device comes back, when nobody waits any more.</param>
    /// <exception cref="DeviceLostException">The device hangs. The work keeps its buffers, since the device may still write to them.</exception>
    public async Task<T> AwaitAsync<T>(Task<T> work, Action abandon)
    {
        await AwaitAsync((Task)work, abandon);
        return await work;
    }

    /// <inheritdoc cref="AwaitAsync{T}"/>
    public async Task AwaitAsync(Task work, Action? abandon = null)
    {
        Task hung;
        lock (_gate)
            hung = _hung.Task;
        if (await Task.WhenAny(work, hung) != work)
        {
            abandon?.Invoke();
            // Nobody is left to see how it ends.
            _ = work.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new DeviceLostException();
        }
        await work;
    }

    /// <summary>Tells those who wait when the device hangs; to be called now and then.</summary>
    /// <returns>Whether that changed.</returns>
    public bool Update()
    {
        var isHung = IsHung;
        lock (_gate)
        {
            if (isHung == _hung.Task.IsCompleted)
                return false;
            if (isHung)
                _hung.SetResult();
            else
                _hung = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }
}

/// <summary>The device hangs; the process has to be restarted.</summary>
internal sealed class DeviceLostException() : Exception("The device does not answer any more; the server has to be restarted.");

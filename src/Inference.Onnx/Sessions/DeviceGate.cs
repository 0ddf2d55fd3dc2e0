namespace Inference.Onnx;

/// <summary>Lets everything that calls a device go on side by side, but for what must be alone on it: while launches are recorded, calls of other threads (copies,
/// allocations, other graphs) break the recording or are refused. Safe for any thread.</summary>
internal sealed class DeviceGate
{
    // What is alone on the device copies and allocates too.
    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.SupportsRecursion);

    /// <summary>Waits until nobody is alone on the device, or, to be alone, until nobody calls it.</summary>
    public Call Enter(bool alone = false)
    {
        if (alone)
            _lock.EnterWriteLock();
        else
            _lock.EnterReadLock();
        return new(_lock, alone);
    }

    /// <summary>Calls that go on until it is disposed, on the thread that entered; its default is those of the host's memory, which need no gate.</summary>
    internal readonly ref struct Call(ReaderWriterLockSlim? gate, bool alone) : IDisposable
    {
        public void Dispose()
        {
            if (alone)
                gate?.ExitWriteLock();
            else
                gate?.ExitReadLock();
        }
    }
}

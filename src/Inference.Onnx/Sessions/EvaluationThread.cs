using System.Threading.Channels;

namespace Inference.Onnx;

/// <summary>
/// A dedicated thread with a bounded queue for graphs that run once a request (text encoder, autoencoder), so that a blocking evaluation never
/// occupies a pool thread. Work whose token is cancelled before its turn is not started.
/// </summary>
public sealed class EvaluationThread : IDisposable
{
    private readonly Channel<Work> _queue;
    private readonly Thread _thread;

    /// <param name="name">Name of the thread.</param>
    /// <param name="capacity">Entries the queue holds; further callers wait.</param>
    public EvaluationThread(string name, int capacity = 256)
    {
        _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _thread = new(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs <paramref name="work"/> on the thread.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it started.</exception>
    /// <exception cref="ObjectDisposedException">The thread was closed.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var item = new Work<T>(work);
        try
        {
            await _queue.Writer.WriteAsync(item, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(EvaluationThread));
        }
        await using var registration = cancellationToken.UnsafeRegister(_ => item.CancelUnlessStarted(cancellationToken), null);
        return await item.Completion;
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
    }

    private void Run()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            while (_queue.Reader.TryRead(out var work))
                work.Execute();
    }

    private abstract class Work
    {
        public abstract void Execute();
    }

    private sealed class Work<T>(Func<T> work) : Work
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _taken;

        public Task<T> Completion => _completion.Task;

        public void CancelUnlessStarted(CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _taken, 1) == 0)
                _completion.SetCanceled(cancellationToken);
        }

        public override void Execute()
        {
            if (Interlocked.Exchange(ref _taken, 1) != 0)
                return;
            try
            {
                _completion.SetResult(work());
            }
            catch (Exception exception)
            {
                _completion.SetException(exception);
            }
        }
    }
}

using System.Runtime.ExceptionServices;
using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>
/// Moves features between the rows of a batch and its bound buffers. They are megabytes that no cache holds, so a pool thread takes a share where one is
/// free; the caller never waits for one to become free. Used by one thread at a time; allocates nothing.
/// </summary>
/// <param name="form">The form of the network the batch runs in.</param>
internal sealed class FeatureTransfer(DenoiserForm form) : IThreadPoolWorkItem
{
    // Below, waking another thread takes longer than the copy.
    private const int SharedValues = 1 << 16;

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _left = new(true);
    private NetworkRow[] _rows = [];
    private BoundRun? _run;
    private FeatureExchange _exchange = FeatureExchange.None;
    private ExceptionDispatchInfo? _failure;
    private bool _isOpen;
    private bool _isGiving;
    private int _size;
    private int _count;
    private int _next;
    private int _inside;

    /// <summary>Writes what the form takes, for every row and for the padding behind them.</summary>
    public void Fill(BoundRun run, ReadOnlySpan<NetworkRow> rows, int size, FeatureExchange exchange) => Move(run, rows, size, exchange, isGiving: false);

    /// <summary>Hands every row what the form gave.</summary>
    public void Read(BoundRun run, ReadOnlySpan<NetworkRow> rows, FeatureExchange exchange) => Move(run, rows, rows.Length, exchange, isGiving: true);

    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            if (!_isOpen)
                return;
            _inside++;
            _left.Reset();
        }
        Work();
        lock (_gate)
            if (--_inside == 0)
                _left.Set();
    }

    private void Move(BoundRun run, ReadOnlySpan<NetworkRow> rows, int size, FeatureExchange exchange, bool isGiving)
    {
        var tensors = isGiving ? exchange.Given : exchange.Taken;
        if (tensors.IsEmpty)
            return;
        if (_rows.Length < rows.Length)
            _rows = new NetworkRow[rows.Length];
        rows.CopyTo(_rows);
        lock (_gate)
            (_isOpen, _run, _size, _count, _exchange, _isGiving, _next, _failure) = (true, run, size, rows.Length, exchange, isGiving, -1, null);
        if (tensors.Length > 1 && (long)tensors[0].Length * tensors.Length * size > SharedValues)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        Work();
        lock (_gate)
            _isOpen = false;
        _left.Wait();
        _run = null;
        Array.Clear(_rows);
        _failure?.Throw();
    }

    private void Work()
    {
        try
        {
            var count = _isGiving ? _exchange.Given.Length : _exchange.Taken.Length;
            for (var feature = Interlocked.Increment(ref _next); feature < count; feature = Interlocked.Increment(ref _next))
                for (var i = 0; i < _size; i++)
                    if (_isGiving)
                        form.Receive(_run!, feature, i, _rows[i], _exchange);
                    else
                        form.Provide(_run!, feature, i, _rows[Math.Min(i, _count - 1)], _exchange);
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
        }
    }
}

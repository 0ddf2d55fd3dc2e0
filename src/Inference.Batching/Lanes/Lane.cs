using System.Threading.Tasks.Sources;
using Inference.Sampling;

namespace Inference.Batching;

/// <summary>
/// What a running denoising loop holds open: its way to the network. While a lane is open the batcher expects rows from it, so open it for the
/// denoising loop only. One evaluation at a time; dispose ends it. Awaiting an evaluation allocates nothing.
/// </summary>
public sealed class Lane : INetwork, IValueTaskSource, IDisposable
{
    private readonly StepBatcher _batcher;
    private readonly ILaneObserver? _observer;
    private ManualResetValueTaskSourceCore<bool> _completion = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;

    internal Lane(StepBatcher batcher, BatchNetwork network, BatchKey key, LaneSharing sharing, string label, ILaneObserver? observer)
    {
        (_batcher, _observer, Label) = (batcher, observer, label);
        Ticket = new(this, network, key, sharing);
    }

    /// <summary>What its rows have in common, whatever form of the network they want.</summary>
    public BatchKey Key => Ticket.Key;

    /// <summary>Whether its rows meet others.</summary>
    public LaneSharing Sharing => Ticket.Sharing;

    /// <summary>What reports count it under.</summary>
    public string Label { get; }

    /// <summary>The batches its rows were in.</summary>
    public BatchesMet Met { get; } = new();

    internal LaneTicket<Lane> Ticket { get; }

    internal ReadOnlyMemory<NetworkRow> Rows { get; private set; }

    internal bool IsCancelled => _cancellation.IsCancellationRequested;

    /// <summary>Why the evaluation under way failed, set by the device thread.</summary>
    internal EvaluationException? Failure { get; set; }

    /// <inheritdoc/>
    /// <exception cref="EvaluationException">The evaluation failed.</exception>
    /// <exception cref="InvalidOperationException">An evaluation of this lane is already under way.</exception>
    /// <exception cref="ObjectDisposedException">The lane or its batcher was closed.</exception>
    public ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (rows.IsEmpty)
            return ValueTask.CompletedTask;
        if (Ticket.State is LaneState.Waiting or LaneState.Running)
            throw new InvalidOperationException("A lane evaluates one group at a time.");
        _completion.Reset();
        _cancellation = cancellationToken;
        (Rows, Failure) = (rows, null);
        var version = _completion.Version;
        _batcher.Enqueue(this);
        _registration = cancellationToken.UnsafeRegister(static lane => ((Lane)lane!).CancelWaiting(), this);
        return new(this, version);
    }

    /// <summary>How many evaluations the next group may have: what the device has nearly free beside the rows of others, from 1. A lane that asks lets the
    /// others have what its wide groups could do without.</summary>
    /// <param name="rows">Rows of one evaluation, ≥ 1.</param>
    /// <exception cref="ObjectDisposedException">The lane was closed.</exception>
    public int FreeEvaluations(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return _batcher.Width(this, rows);
    }

    /// <summary>Closes the lane; the batcher no longer waits for it.</summary>
    public void Dispose() => _batcher.Close(this);

    void IValueTaskSource.GetResult(short token)
    {
        // The registration must be gone before the lane is used again.
        _registration.Dispose();
        _completion.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    /// <summary>The batch with its rows has ended; a cancelled lane's result is discarded.</summary>
    internal void Finished(in BatchReport report)
    {
        Met.Add(report.Rows);
        _observer?.OnBatch(report);
        if (IsCancelled)
            Failed(new OperationCanceledException(_cancellation));
        else if (Failure is { } failure)
            Failed(failure);
        else
            _completion.SetResult(true);
    }

    internal void Failed(Exception exception) => _completion.SetException(exception);

    // Rows that have not started are dropped at once; running ones finish their batch, because the device still writes to their outputs.
    private void CancelWaiting()
    {
        if (_batcher.TryWithdraw(this))
            Failed(new OperationCanceledException(_cancellation));
    }
}

using System.Runtime.InteropServices;
using Inference.Sampling;

namespace Inference.Batching;

/// <summary>
/// Evaluates the groups of a batch. When the evaluation fails, the batch is bisected, and its failing half again, so that in the end one bad group fails
/// alone; every group that is good is evaluated to its end once. Rows cancelled meanwhile are not evaluated again.
/// </summary>
internal sealed class BatchRunner
{
    private NetworkRow[] _rows = new NetworkRow[16];

    /// <summary>Evaluates lanes of one network and key; each lane's <see cref="Lane.Failure"/> says how it went.</summary>
    /// <returns>Whether the batch succeeded as a whole.</returns>
    public bool Run(IBatchEvaluator evaluator, in BatchKey key, ReadOnlySpan<LaneTicket<Lane>> lanes)
    {
        var count = CollectRows(lanes);
        try
        {
            evaluator.Evaluate(key, _rows.AsSpan(0, count));
            return true;
        }
        catch (Exception exception)
        {
            if (lanes.Length == 1)
                lanes[0].Owner.Failure = exception as EvaluationException ?? new EvaluationException($"The network could not be evaluated: {exception.Message}", exception);
        }
        finally
        {
            Array.Clear(_rows, 0, count);
        }
        if (lanes.Length > 1)
        {
            RunHalf(evaluator, key, lanes[..(lanes.Length / 2)]);
            RunHalf(evaluator, key, lanes[(lanes.Length / 2)..]);
        }
        return false;
    }

    private void RunHalf(IBatchEvaluator evaluator, in BatchKey key, ReadOnlySpan<LaneTicket<Lane>> half)
    {
        var alive = new List<LaneTicket<Lane>>(half.Length);
        foreach (var ticket in half)
            if (!ticket.Owner.IsCancelled)
                alive.Add(ticket);
        if (alive.Count > 0)
            Run(evaluator, key, CollectionsMarshal.AsSpan(alive));
    }

    private int CollectRows(ReadOnlySpan<LaneTicket<Lane>> lanes)
    {
        var count = 0;
        foreach (var ticket in lanes)
        {
            var rows = ticket.Owner.Rows;
            if (_rows.Length < count + rows.Length)
                Array.Resize(ref _rows, Math.Max(2 * _rows.Length, count + rows.Length));
            rows.Span.CopyTo(_rows.AsSpan(count));
            count += rows.Length;
        }
        return count;
    }
}

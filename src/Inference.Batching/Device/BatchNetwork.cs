using Inference.Sampling;

namespace Inference.Batching;

/// <summary>One model's network on a device: what lanes are opened on. Networks of one <see cref="StepBatcher"/> take turns on its thread.</summary>
public sealed class BatchNetwork : IDisposable
{
    private readonly StepBatcher _batcher;
    private readonly IRowRoom? _room;

    internal BatchNetwork(StepBatcher batcher, string name, IBatchEvaluator evaluator, IRowRoom? room = null) => (_batcher, Name, Evaluator, _room) = (batcher, name, evaluator, room);

    /// <summary>What reports call it.</summary>
    public string Name { get; }

    /// <summary>How its rows are gathered.</summary>
    public StepBatcherOptions Options => _batcher.Options;

    /// <summary>Most rows of a batch: those of <see cref="Options"/>, or fewer where there is no memory for them. A group that has more runs alone.</summary>
    public int MaxRows(LatentShape shape) => MaxRows(shape, Options.MaxRows);

    /// <summary>Measured cost of its batches.</summary>
    public CostCurves Curves { get; } = new();

    /// <summary>Lanes that are open now.</summary>
    public int OpenLanes => _batcher.CountLanes(this);

    internal IBatchEvaluator Evaluator { get; }

    /// <summary>Set under the batcher's lock.</summary>
    internal bool IsClosed { get; set; }

    /// <summary>Opens a lane for one denoising loop.</summary>
    /// <param name="key">What its rows have in common.</param>
    /// <param name="sharing">Whether its rows meet others.</param>
    /// <param name="label">What reports count it under (the sampler).</param>
    /// <param name="observer">Told of its batches, or null.</param>
    /// <exception cref="ObjectDisposedException">The network or its batcher was closed.</exception>
    public Lane OpenLane(BatchKey key, LaneSharing sharing = LaneSharing.Shared, string label = "", ILaneObserver? observer = null)
    {
        var lane = new Lane(_batcher, this, key, sharing, label, observer);
        _batcher.Open(lane);
        return lane;
    }

    /// <summary>How many evaluations a request that runs alone may have side by side.</summary>
    /// <param name="key">What its rows have in common.</param>
    /// <param name="rows">Rows of one evaluation, ≥ 1.</param>
    public int FreeEvaluations(CostKey key, int rows) => Curves.Of(key) is var curve ? WindowWidth.Of(curve, curve.Cap(MaxRows(key.Shape)), rows, others: 0, sharers: 1, isAlone: true) : 1;

    internal int MaxRows(LatentShape shape, int most) => Math.Clamp(_room?.RowsOf(shape) ?? int.MaxValue, 1, most);

    /// <summary>Waits for the batch under way and disposes the evaluator; waiting lanes fail with <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (_batcher.Remove(this))
            Evaluator.Dispose();
    }
}

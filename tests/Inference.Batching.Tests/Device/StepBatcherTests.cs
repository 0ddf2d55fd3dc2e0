using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Batching.Tests;

public sealed class StepBatcherTests : IDisposable
{
    private static readonly LatentShape Shape = new(1, 2, 2);
    private static readonly Conditioning Text = new([ConditioningTensor.Of("c", [1], new float[1])]);
    private static readonly BatchKey Key = new(BatchKey.Full, Shape, Text.ShapeKey);

    private readonly FakeDevice _device = new();
    private readonly ManualTime _time = new();
    private readonly StepBatcher _batcher;
    private readonly BatchNetwork _network;

    public StepBatcherTests()
    {
        _batcher = new("test", new() { MaxRows = 4, Guard = TimeSpan.FromMilliseconds(50) }, _time);
        _network = _batcher.Attach("test", _device);
    }

    public void Dispose()
    {
        _network.Dispose();
        _batcher.Dispose();
    }

    [Fact]
    public async Task Row_IsEvaluated()
    {
        using var lane = _network.OpenLane(Key);
        using var rows = new Rows(1, 7);
        await lane.EvaluateAsync(rows.Memory, default);
        Assert.Equal([9, 11, 13, 15], rows.Output(0));
        Assert.Equal((1, 1), (lane.Met.Count, lane.Met.Rows));
    }

    [Fact]
    public async Task AllOpenLanes_ShareABatch()
    {
        using var first = _network.OpenLane(Key);
        using var second = _network.OpenLane(Key);
        using Rows a = new(1, 1), b = new(1, 2);
        var waiting = first.EvaluateAsync(a.Memory, default).AsTask();
        await second.EvaluateAsync(b.Memory, default);
        await waiting;
        Assert.Equal([1, 2], Assert.Single(_device.Batches));
        Assert.Equal(2, first.Met.Rows);
    }

    [Fact]
    public async Task Batch_WaitsForOpenLane_UntilGuardExpires()
    {
        using var first = _network.OpenLane(Key);
        using var idle = _network.OpenLane(Key);
        using var rows = new Rows(1, 1);
        var waiting = first.EvaluateAsync(rows.Memory, default).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(49));
        await Task.Delay(50);
        Assert.Empty(_device.Batches);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        await waiting;
        Assert.Single(_device.Batches);
    }

    [Fact]
    public async Task ClosingTheLaneThatIsWaitedFor_SendsTheBatch()
    {
        using var first = _network.OpenLane(Key);
        var idle = _network.OpenLane(Key);
        using var rows = new Rows(1, 1);
        var waiting = first.EvaluateAsync(rows.Memory, default).AsTask();
        idle.Dispose();
        await waiting;
        Assert.Equal(1, _network.OpenLanes);
    }

    [Fact]
    public async Task Cap_IsKept_AndGroupsAreNotSplit()
    {
        var lanes = Enumerable.Range(0, 3).Select(_ => _network.OpenLane(Key)).ToArray();
        var rows = Enumerable.Range(0, 3).Select(i => new Rows(3, i)).ToArray();
        await Task.WhenAll(lanes.Zip(rows, EvaluateAndCloseAsync));
        // Groups of three under a cap of four: never two together, never one torn.
        Assert.Equal(3, _device.Batches.Count);
        Assert.All(_device.Batches, batch => Assert.Equal(3, batch.Length));
        Assert.All(_device.Batches, batch => Assert.Single(batch.Distinct()));
    }

    [Fact]
    public async Task GroupLargerThanCap_RunsAlone()
    {
        using Rows large = new(6, 1), small = new(1, 2);
        await Task.WhenAll(EvaluateAndCloseAsync(_network.OpenLane(Key), large), EvaluateAndCloseAsync(_network.OpenLane(Key), small));
        Assert.Equal([1, 6], _device.Batches.Select(batch => batch.Length).Order());
    }

    [Fact]
    public async Task DifferentKeys_DoNotShareABatch_AndDoNotWaitForEachOther()
    {
        using var first = _network.OpenLane(Key);
        using var idleOther = _network.OpenLane(Key with { ConditioningShape = "other" });
        using var rows = new Rows(1, 1);
        await first.EvaluateAsync(rows.Memory, default);
        Assert.Single(_device.Batches);
    }

    [Fact]
    public async Task Cancel_DropsWaitingRows_AndTheLaneCanGoOn()
    {
        using var first = _network.OpenLane(Key);
        var idle = _network.OpenLane(Key);
        using var rows = new Rows(1, 1);
        using var cancel = new CancellationTokenSource();
        var waiting = first.EvaluateAsync(rows.Memory, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Empty(_device.Batches);
        idle.Dispose();
        await first.EvaluateAsync(rows.Memory, default);
        Assert.Single(_device.Batches);
    }

    [Fact]
    public async Task Cancel_WhileRunning_ThrowsWhenTheBatchEnds_AndLeavesOthersAlone()
    {
        using var first = _network.OpenLane(Key);
        using var second = _network.OpenLane(Key);
        using Rows a = new(1, 1), b = new(1, 2);
        using var cancel = new CancellationTokenSource();
        _device.Hold();
        var cancelled = first.EvaluateAsync(a.Memory, cancel.Token).AsTask();
        var served = second.EvaluateAsync(b.Memory, default).AsTask();
        await _device.EnteredAsync();
        await cancel.CancelAsync();
        Assert.False(cancelled.IsCompleted);
        _device.Release();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await served;
    }

    [Fact]
    public async Task FailingDevice_FailsTheRequests_AndServesLaterOnes()
    {
        using var lane = _network.OpenLane(Key);
        using Rows bad = new(1, 13), good = new(1, 1);
        _device.FailingTimestep = 13;
        var failure = await Assert.ThrowsAsync<EvaluationException>(() => lane.EvaluateAsync(bad.Memory, default).AsTask());
        Assert.Contains("told to fail", failure.Message);
        await lane.EvaluateAsync(good.Memory, default);
    }

    [Fact]
    public async Task FailingBatch_IsBisected_SoThatOneBadRowFailsAlone()
    {
        _device.FailingTimestep = 3;
        var lanes = Enumerable.Range(0, 4).Select(_ => _network.OpenLane(Key)).ToArray();
        var rows = Enumerable.Range(0, 4).Select(i => new Rows(1, i + 1)).ToArray();
        var evaluations = lanes.Zip(rows, (lane, group) => lane.EvaluateAsync(group.Memory, default).AsTask()).ToArray();
        await Task.WhenAll(evaluations.Select(task => task.ContinueWith(_ => { })));
        Assert.Equal([true, true, false, true], evaluations.Select(task => task.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<EvaluationException>(() => evaluations[2]);
        // Everyone, the good half, the bad half, and its two rows.
        Assert.Equal([4, 2, 2, 1, 1], _device.Batches.Select(batch => batch.Length));
        Assert.Equal([6, 8, 10, 12], rows[3].Output(0));
    }

    [Fact]
    public async Task ClosingAWaitingLane_EndsItsEvaluation()
    {
        var lane = _network.OpenLane(Key);
        using var idle = _network.OpenLane(Key);
        using var rows = new Rows(1, 1);
        var waiting = lane.EvaluateAsync(rows.Memory, default).AsTask();
        lane.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    [Fact]
    public async Task Dispose_FailsWaitingLanes_AndTakesNoMore()
    {
        var lane = _network.OpenLane(Key);
        using var idle = _network.OpenLane(Key);
        using var rows = new Rows(1, 1);
        var waiting = lane.EvaluateAsync(rows.Memory, default).AsTask();
        _batcher.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.Throws<ObjectDisposedException>(() => _network.OpenLane(Key));
        Assert.Throws<ObjectDisposedException>(() => _batcher.Attach("another", _device));
    }

    [Fact]
    public async Task RemovingANetwork_WaitsForItsBatch_FailsWhatWaits_AndLeavesOthersAlone()
    {
        using var other = new FakeDevice();
        using var stays = _batcher.Attach("other", other);
        using Rows running = new(1, 1), waiting = new(1, 2), elsewhere = new(1, 3);
        using var elsewhereLane = stays.OpenLane(Key);
        using var lane = _network.OpenLane(Key);
        _device.Hold();
        var first = lane.EvaluateAsync(running.Memory, default).AsTask();
        await _device.EnteredAsync();
        using var late = _network.OpenLane(Key);
        var second = late.EvaluateAsync(waiting.Memory, default).AsTask();
        var removal = Task.Run(_network.Dispose);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => second);
        Assert.False(_device.IsDisposed);
        _device.Release();
        await first;
        await removal;
        Assert.True(_device.IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await lane.EvaluateAsync(running.Memory, default));
        await elsewhereLane.EvaluateAsync(elsewhere.Memory, default);
        Assert.Single(other.Batches);
    }

    [Fact]
    public async Task OneLane_HasOneEvaluationAtATime()
    {
        using var lane = _network.OpenLane(Key);
        using var idle = _network.OpenLane(Key);
        using Rows a = new(1, 1), b = new(1, 2);
        var waiting = lane.EvaluateAsync(a.Memory, default).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await lane.EvaluateAsync(b.Memory, default));
        idle.Dispose();
        await waiting;
    }

    [Fact]
    public async Task ManyLanes_WithRandomCancellations_EndWithNothingOpen()
    {
        var tasks = Enumerable.Range(0, 40).Select(async i =>
        {
            using var lane = _network.OpenLane(Key);
            using var rows = new Rows(1 + i % 3, i);
            using var cancel = new CancellationTokenSource();
            for (var step = 0; step < 20; step++)
            {
                if (i % 4 == 0 && step == 10)
                    cancel.CancelAfter(i % 5);
                await lane.EvaluateAsync(rows.Memory, cancel.Token);
                Assert.Equal(2 * rows.Input(0)[1] + i, rows.Output(0)[1]);
                await Task.Delay((i + step) % 2);
            }
        }).ToArray();
        // The manual clock never expires the guard, so lanes are all-waiting or full throughout.
        await Task.WhenAll(tasks.Select(task => task.ContinueWith(done => Assert.True(done.IsCompletedSuccessfully || done.IsCanceled, done.Exception?.ToString()))));
        Assert.Equal(0, _network.OpenLanes);
    }

    private static async Task EvaluateAndCloseAsync(Lane lane, Rows rows)
    {
        using (lane)
            await lane.EvaluateAsync(rows.Memory, default);
    }

    private sealed class Rows : IDisposable
    {
        private readonly NetworkRow[] _rows;

        public Rows(int count, double timestep) =>
            _rows = [.. Enumerable.Range(0, count).Select(_ => new NetworkRow(Latent.From(Shape, [1, 2, 3, 4]), timestep, Text, Latent.Rent(Shape)))];

        public ReadOnlyMemory<NetworkRow> Memory => _rows;

        public float[] Input(int index) => _rows[index].Input.Values.ToArray();

        public float[] Output(int index) => _rows[index].Output.Values.ToArray();

        public void Dispose()
        {
            foreach (var row in _rows)
            {
                row.Input.Dispose();
                row.Output.Dispose();
            }
        }
    }
}

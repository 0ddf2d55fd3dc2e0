using Inference.TestKit;

namespace Inference.Server.Tests;

public sealed class GenerationQueueTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly GenerationQueue _queue;

    public GenerationQueueTests() => _queue = new(new() { Queue = new() { MaxRunning = 2, MaxWaiting = 4 } }, _time);

    [Fact]
    public async Task EnterAsync_WhenThereIsRoom_EntersAtOnce()
    {
        using var turn = await _queue.EnterAsync(2, default);
        Assert.Equal((2, 0), (_queue.Running, _queue.Waiting));
        turn.Dispose();
        Assert.Equal((0, 0), (_queue.Running, _queue.Waiting));
    }

    [Fact]
    public async Task EnterAsync_LetsInInOrderOfArrival()
    {
        var running = await _queue.EnterAsync(2, default);
        var large = _queue.EnterAsync(2, default).AsTask();
        var small = _queue.EnterAsync(1, default).AsTask();
        Assert.Equal(3, _queue.Waiting);

        running.Dispose();
        var first = await large;
        // One that would fit does not overtake, and does not enter beside a full device.
        Assert.False(small.IsCompleted);
        first.Dispose();
        (await small).Dispose();
        Assert.Equal((0, 0), (_queue.Running, _queue.Waiting));
    }

    [Fact]
    public async Task EnterAsync_ASmallRequestBehindALargeOne_Waits()
    {
        var running = await _queue.EnterAsync(1, default);
        var large = _queue.EnterAsync(2, default).AsTask();
        var small = _queue.EnterAsync(1, default).AsTask();
        Assert.False(small.IsCompleted);
        running.Dispose();
        (await large).Dispose();
        (await small).Dispose();
    }

    [Fact]
    public async Task EnterAsync_CancelledWhileWaiting_LeavesTheQueue()
    {
        using var cancel = new CancellationTokenSource();
        var running = await _queue.EnterAsync(2, default);
        var cancelled = _queue.EnterAsync(2, cancel.Token).AsTask();
        var next = _queue.EnterAsync(1, default).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(1, _queue.Waiting);
        running.Dispose();
        (await next).Dispose();
        Assert.Equal((0, 0), (_queue.Running, _queue.Waiting));
    }

    [Fact]
    public async Task EnterAsync_WhenTheQueueIsFull_SaysWhenToComeBack()
    {
        var turns = new Queue<Task<IDisposable>>();
        for (var i = 0; i < 6; i++)
            turns.Enqueue(_queue.EnterAsync(1, default).AsTask());
        var full = await Assert.ThrowsAsync<QueueFullException>(async () => await _queue.EnterAsync(1, default));
        // Three rounds of two pictures, one second each until something was measured.
        Assert.Equal(TimeSpan.FromSeconds(3), full.RetryAfter);

        while (turns.TryDequeue(out var turn))
            (await turn).Dispose();
        using var again = await _queue.EnterAsync(1, default);
        Assert.Equal(1, _queue.Running);
    }

    [Fact]
    public async Task RetryAfter_FollowsWhatPicturesTook()
    {
        for (var i = 0; i < 40; i++)
        {
            var turn = await _queue.EnterAsync(1, default);
            _time.Advance(TimeSpan.FromSeconds(10));
            turn.Dispose();
        }
        var turns = Enumerable.Range(0, 6).Select(_ => _queue.EnterAsync(1, default).AsTask()).ToArray();
        var full = await Assert.ThrowsAsync<QueueFullException>(async () => await _queue.EnterAsync(1, default));
        Assert.InRange(full.RetryAfter.TotalSeconds, 29, 30);
        foreach (var turn in turns)
            (await turn).Dispose();
    }

    [Fact]
    public async Task EnterAsync_MorePicturesThanMayRun_TakesThemAll()
    {
        var one = await _queue.EnterAsync(1, default);
        var large = _queue.EnterAsync(6, default).AsTask();
        Assert.False(large.IsCompleted);
        one.Dispose();
        using (await large)
            Assert.Equal(2, _queue.Running);
        Assert.Equal(0, _queue.Running);
    }

    public ValueTask DisposeAsync() => _queue.DisposeAsync();
}

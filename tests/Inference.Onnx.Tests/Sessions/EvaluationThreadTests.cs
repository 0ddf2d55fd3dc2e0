namespace Inference.Onnx.Tests;

public sealed class EvaluationThreadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task RunAsync_RunsInOrder_OnItsOwnThread()
    {
        using var thread = new EvaluationThread("test");
        var order = new List<int>();
        var names = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => thread.RunAsync(() =>
        {
            order.Add(i);
            return Thread.CurrentThread.Name;
        }, default)));
        Assert.Equal(Enumerable.Range(0, 50), order);
        Assert.All(names, name => Assert.Equal("test", name));
    }

    [Fact]
    public async Task RunAsync_AnExceptionOfTheWork_ReachesItsCallerOnly()
    {
        using var thread = new EvaluationThread("test");
        var error = new InvalidOperationException("broken");
        Assert.Same(error, await Assert.ThrowsAsync<InvalidOperationException>(() => thread.RunAsync<int>(() => throw error, default)));
        Assert.Equal(7, await thread.RunAsync(() => 7, default));
    }

    [Fact]
    public async Task RunAsync_CancelledBeforeItsTurn_DoesNotStart()
    {
        using var thread = new EvaluationThread("test");
        using var hold = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        var running = thread.RunAsync(() =>
        {
            started.SetResult();
            return hold.Wait(Patience);
        }, default);
        await started.Task.WaitAsync(Patience);
        var ran = false;
        var waiting = thread.RunAsync(() => ran = true, cancel.Token);

        await cancel.CancelAsync();
        // It ends at once, while the work before it still runs.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
        Assert.False(running.IsCompleted);

        hold.Set();
        Assert.True(await running);
        await thread.RunAsync(() => 0, default);
        Assert.False(ran);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItRuns_FinishesItsWork()
    {
        using var thread = new EvaluationThread("test");
        using var cancel = new CancellationTokenSource();
        Assert.Equal(7, await thread.RunAsync(() =>
        {
            cancel.Cancel();
            return 7;
        }, cancel.Token));
    }

    [Fact]
    public async Task RunAsync_WithACancelledToken_DoesNotStart()
    {
        using var thread = new EvaluationThread("test");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => thread.RunAsync(() => 0, new(canceled: true)));
    }

    [Fact]
    public async Task RunAsync_WhenTheQueueIsFull_WaitsForItsTurn()
    {
        using var thread = new EvaluationThread("test", capacity: 1);
        using var hold = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        var running = thread.RunAsync(() =>
        {
            started.SetResult();
            return hold.Wait(Patience);
        }, default);
        await started.Task.WaitAsync(Patience);
        var queued = thread.RunAsync(() => 1, default);
        var refused = thread.RunAsync(() => 2, cancel.Token);
        var last = thread.RunAsync(() => 3, default);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refused.WaitAsync(Patience));
        hold.Set();
        Assert.Equal((true, 1, 3), (await running, await queued, await last));
    }

    [Fact]
    public async Task Dispose_FinishesWhatIsQueued_AndTakesNoMore()
    {
        var thread = new EvaluationThread("test");
        var queued = Enumerable.Range(0, 20).Select(i => thread.RunAsync(() => i, default)).ToArray();
        thread.Dispose();
        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(queued));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => thread.RunAsync(() => 0, default));
    }
}

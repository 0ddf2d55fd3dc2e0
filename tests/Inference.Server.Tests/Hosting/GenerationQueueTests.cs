using Inference.Batching;
using Inference.TestKit;

namespace Inference.Server.Tests;

/// <summary>The waiting around the admission rules, which have tests of their own (AdmissionLedgerTests).</summary>
public sealed class GenerationQueueTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly ManualTime _time = new();
    private readonly GenerationQueue _queue;

    public GenerationQueueTests() => _queue = new(new() { Queue = new() { MaxRunning = 1, MaxQueuedSeconds = 10 } }, _time);

    [Fact]
    public async Task Admit_WhenIdle_BeginsAtOnce_AndLeavingFreesThePlace()
    {
        using (await EnterAsync(Seconds(1)))
        {
            Assert.Equal((1, 0), (_queue.Running, _queue.Waiting));
            Assert.Equal(1, _queue.QueuedWorkSeconds, 1e-6);
        }
        Assert.Equal((0, 0, 0.0), (_queue.Running, _queue.Waiting, _queue.QueuedWorkSeconds));
    }

    [Fact]
    public async Task Admit_BehindAnother_WaitsForItsTurn()
    {
        var first = await EnterAsync(Seconds(1));
        var second = EnterAsync(Seconds(1));
        Assert.False(second.IsCompleted);
        Assert.Equal(1, _queue.Waiting);
        first.Dispose();
        (await second).Dispose();
        Assert.Equal((0, 0), (_queue.Running, _queue.Waiting));
    }

    [Fact]
    public async Task Dispose_WhileWaiting_LeavesTheQueue()
    {
        using var first = await EnterAsync(Seconds(1));
        var waiting = Admit(Seconds(1));
        Assert.Equal((1, 1), (_queue.Running, _queue.Waiting));
        waiting.Dispose();
        Assert.Equal((1, 0), (_queue.Running, _queue.Waiting));
    }

    [Fact]
    public async Task Admit_MoreWorkThanTheQueueHolds_IsRefused_WithATimeToComeBack()
    {
        // The last one let in may overshoot the bound; the next finds the queue full.
        using var first = await EnterAsync(Seconds(11));
        var refused = Assert.Throws<NotAdmittedException>(() => Admit(Seconds(1)));
        Assert.Equal(AdmissionVerdict.QueueFull, refused.Answer.Verdict);
        Assert.True(refused.Answer.RetryAfter > TimeSpan.Zero);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public async Task CloseAsync_LetsNothingInAnyMore_AndWaitsForWhatIsIn()
    {
        var running = await EnterAsync(Seconds(1));
        var waiting = Admit(Seconds(1));
        var closed = _queue.CloseAsync();
        Assert.Throws<ServerStoppingException>(() => Admit(Seconds(1)));
        running.Dispose();
        await waiting.Begun;
        Assert.False(closed.IsCompleted);
        waiting.Dispose();
        await closed.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task CloseAsync_OfAnEmptyQueue_IsDone() => await _queue.CloseAsync().WaitAsync(TimeSpan.FromSeconds(30));

    private Turn Admit(PredictedCost cost) => _queue.Admit(cost, RequestPriority.Interactive, Timeout);

    private async Task<Turn> EnterAsync(PredictedCost cost)
    {
        var turn = Admit(cost);
        await turn.Begun;
        return turn;
    }

    // One picture, one row an evaluation, a second each.
    private static PredictedCost Seconds(int seconds)
    {
        var curve = new CostCurve();
        curve.Restore([new(1, 1000)]);
        return new(1, 1, seconds, TimeSpan.Zero, curve, 1);
    }
}

namespace Inference.LoadTest.Tests;

/// <summary>One server with a fixed service time and a queue, in the clock's time.</summary>
internal sealed class QueueTarget(TimeProvider time, TimeSpan service, TimeSpan? stallAt = null, TimeSpan stallFor = default) : ITarget
{
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _free;

    public async Task<Reply> SendAsync(ImageRequest request, CancellationToken cancellationToken)
    {
        var sent = time.GetTimestamp();
        var now = time.GetElapsedTime(_started);
        var begin = now > _free ? now : _free;
        if (stallAt is { } stall && begin >= stall && begin < stall + stallFor)
            begin = stall + stallFor;
        _free = begin + service;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = time.CreateTimer(_ => done.TrySetResult(), null, _free - now, Timeout.InfiniteTimeSpan);
        await using var stopped = cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        await done.Task;
        return new() { SentAt = sent, CompletedAt = time.GetTimestamp() };
    }
}

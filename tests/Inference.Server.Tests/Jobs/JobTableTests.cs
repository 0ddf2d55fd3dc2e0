using Inference.TestKit;

namespace Inference.Server.Tests;

public sealed class JobTableTests
{
    private readonly ManualTime _time = new();
    private readonly JobTable _table;

    public JobTableTests() => _table = new(new() { MaxJobs = 3, MaxBytes = 1000, RetentionSeconds = 60 }, _time);

    [Fact]
    public void TryAdd_BeyondTheNumber_OrTheBytes_IsRefused()
    {
        Assert.True(_table.TryAdd(NewJob(), 400, out _));
        Assert.True(_table.TryAdd(NewJob(), 400, out _));
        Assert.False(_table.TryAdd(NewJob(), 201, out var roomIn));
        Assert.Null(roomIn);
        Assert.True(_table.TryAdd(NewJob(), 200, out _));
        Assert.False(_table.TryAdd(NewJob(), 0, out _));
    }

    [Fact]
    public void TryAdd_WhenFull_SaysWhenTheFirstFinishedJobGoes()
    {
        var (first, second) = (NewJob(), NewJob());
        Assert.True(_table.TryAdd(first, 500, out _));
        Assert.True(_table.TryAdd(second, 500, out _));
        first.TryFinish(JobStatus.Succeeded, _time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(20));
        second.TryFinish(JobStatus.Failed, _time.GetUtcNow());
        Assert.False(_table.TryAdd(NewJob(), 1, out var roomIn));
        Assert.Equal(40, roomIn!.Value.TotalSeconds, 1e-3);
    }

    [Fact]
    public void FinishedJobs_ExpireAndMakeRoom_UnfinishedOnesDoNot()
    {
        var (finished, running) = (NewJob("key"), NewJob());
        Assert.True(_table.TryAdd(finished, 600, out _));
        Assert.True(_table.TryAdd(running, 400, out _));
        finished.TryFinish(JobStatus.Succeeded, _time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Same(finished, _table.Find(finished.Id));
        Assert.Same(finished, _table.FindByKey("key"));
        Assert.Empty(_table.RemoveExpired());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(_table.Find(finished.Id));
        Assert.Null(_table.FindByKey("key"));
        Assert.Same(finished, Assert.Single(_table.RemoveExpired()));
        Assert.Same(running, Assert.Single(_table.Unfinished()));
        Assert.True(_table.TryAdd(NewJob(), 600, out _));
    }

    [Fact]
    public void Resize_And_Remove_GiveBytesBack()
    {
        var job = NewJob();
        Assert.True(_table.TryAdd(job, 900, out _));
        _table.Resize(job, 100);
        Assert.True(_table.TryAdd(NewJob(), 900, out _));
        Assert.True(_table.Remove(job));
        Assert.False(_table.Remove(job));
        // Gone: it no longer counts.
        _table.Resize(job, 900);
        Assert.True(_table.TryAdd(NewJob(), 100, out _));
    }

    private static Job NewJob(string? key = null) =>
        new(new() { Id = JobId.New(), Body = new() { Prompt = "a" }, Created = DateTimeOffset.UnixEpoch, Fingerprint = "f", IdempotencyKey = key });
}

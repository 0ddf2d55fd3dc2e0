using Inference.TestKit;

namespace Inference.Server.Tests;

/// <summary>The store on disk, as processes that died at any moment leave it.</summary>
public sealed class JobFilesTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1);
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];
    private readonly JobFiles _files;

    public JobFilesTests()
    {
        _files = new(_folder.PathOf("jobs"));
        _files.Open();
    }

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Load_OfANewDirectory_IsEmpty() => Assert.Empty(_files.Load(_warnings.Add));

    [Fact]
    public void Open_ADirectoryThatIsTaken_Fails_UntilItIsGivenBack()
    {
        using var second = new JobFiles(_folder.PathOf("jobs"));
        Assert.Throws<IOException>(second.Open);
        Assert.Throws<JobStorageException>(() => second.Create(Record(), null, 1));
        _files.Dispose();
        second.Open();
        second.Create(Record(), null, 1);
    }

    [Fact]
    public async Task Create_Load_GivesTheRecordBack_AndThePicture()
    {
        var record = Record() with { IdempotencyKey = "key", Body = new() { Prompt = "a \"quoted\" prompt", Seed = 7, Sigmas = [3, 1] } };
        _files.Create(record, [1, 2, 3], 1000);
        var loaded = Assert.Single(_files.Load(_warnings.Add));
        Assert.Equal(("a \"quoted\" prompt", 7, "key", JobStatus.Queued), (loaded.Body.Prompt, loaded.Body.Seed, loaded.IdempotencyKey, loaded.Status));
        Assert.Equal([3, 1], loaded.Body.Sigmas!);
        Assert.Equal([1, 2, 3], _files.ReadImage(record.Id));
        Assert.Null(await _files.ReadResultAsync(record.Id, default));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task WriteResult_IsExactlyTheResult_WhateverWasReserved()
    {
        var (small, large) = (Record(), Record());
        _files.Create(small, null, 100_000);
        _files.Create(large, null, 10);
        _files.WriteResult(small.Id, [1, 2, 3]);
        _files.WriteResult(large.Id, new byte[5000]);
        Assert.Equal([1, 2, 3], await _files.ReadResultAsync(small.Id, default));
        Assert.Equal(5000, (await _files.ReadResultAsync(large.Id, default))!.Length);
    }

    [Fact]
    public void Load_AResultWithoutTheLastRecord_HasSucceeded()
    {
        var record = Record();
        _files.Create(record, null, 100);
        _files.WriteResult(record.Id, [1]);
        var loaded = Assert.Single(_files.Load(_warnings.Add));
        Assert.Equal(JobStatus.Succeeded, loaded.Status);
        Assert.NotNull(loaded.Finished);
    }

    [Fact]
    public void Load_ARecordThatHasEnded_StaysAsItEnded()
    {
        var record = Record();
        _files.Create(record, null, 100);
        _files.Write(record with { Status = JobStatus.Cancelled, Finished = Now });
        Assert.Equal((JobStatus.Cancelled, Now), Assert.Single(_files.Load(_warnings.Add)) is var loaded ? (loaded.Status, loaded.Finished) : default);
    }

    [Fact]
    public void Load_ClearsAwayWhatIsUnfinished_AndKeepsWhatIsNotOurs()
    {
        var record = Record();
        _files.Create(record, null, 100);
        _folder.Write($"jobs/{JobId.New()}.json.tmp", "{");
        _folder.Write($"jobs/{JobId.New()}.image", "orphan");
        _folder.Write($"jobs/{JobId.New()}.result.json", "orphan");
        _folder.Write("jobs/notes.json", "{}");
        Assert.Single(_files.Load(_warnings.Add));
        Assert.Equal(["notes.json", $"{record.Id}.json", ".lock"], Directory.EnumerateFiles(_folder.PathOf("jobs")).Select(Path.GetFileName).OrderDescending(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"id\":\"job_0\"}")]
    public void Load_ARecordThatCannotBeRead_IsAWarning(string content)
    {
        _folder.Write($"jobs/{JobId.New()}.json", content);
        Assert.Empty(_files.Load(_warnings.Add));
        Assert.Single(_warnings);
    }

    [Fact]
    public void Create_WhereNothingCanBeWritten_LeavesNothing()
    {
        var record = Record();
        // A folder where the record is to go.
        Directory.CreateDirectory(_folder.PathOf("jobs", $"{record.Id}.json", "full"));
        Assert.Throws<JobStorageException>(() => _files.Create(record, [1], 1));
        Assert.Equal(".lock", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(_folder.PathOf("jobs")))));
    }

    [Fact]
    public void Delete_LeavesNothing()
    {
        var record = Record();
        _files.Create(record, [1], 100);
        _files.WriteResult(record.Id, [1]);
        Assert.True(_files.SizeOf(record.Id) > 2);
        _files.Delete(record.Id);
        Assert.Empty(Directory.EnumerateFiles(_folder.PathOf("jobs"), "job_*"));
        Assert.Equal(0, _files.SizeOf(record.Id));
    }

    private static JobRecord Record() => new() { Id = JobId.New(), Body = new() { Prompt = "a" }, Created = Now, Fingerprint = "f" };
}

using Inference.TestKit;
using Microsoft.Data.Sqlite;

namespace Inference.Experiments.Tests;

public sealed class ExperimentStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.PathOf("experiments.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatWasWritten_IsThereAfterReopening()
    {
        var result = SampleExperiments.Result(1, 7) with { Similarity = new(double.PositiveInfinity, 1, null) };
        await using (var store = ExperimentStore.Open(File))
        {
            await store.AddAsync(SampleExperiments.Two, default);
            await store.AddAsync("exp_1", SampleExperiments.Result(0, 7), default);
            await store.AddAsync("exp_1", result with { IsPrimary = false }, default);
            await store.CompareAsync("exp_1", 7, 0, new(31.5, 0.9, 0.05), default);
            await store.AddAsync("exp_1", new Vote(0, 1, VoteChoice.Tie, DateTimeOffset.UnixEpoch, "alice"), default);
            await store.StopAsync("exp_1", DateTimeOffset.UnixEpoch.AddDays(1), StopReason.Difference, default);
        }
        await using (var store = ExperimentStore.Open(File))
        {
            var experiment = Assert.Single(store.Experiments());
            Assert.Equivalent(SampleExperiments.Two.Definition, experiment.Definition, strict: true);
            Assert.Equal((SampleExperiments.Two.Created, DateTimeOffset.UnixEpoch.AddDays(1), StopReason.Difference), (experiment.Created, experiment.Stopped!.Value, experiment.Reason!.Value));
            Assert.Equal([SampleExperiments.Result(0, 7) with { Similarity = new(31.5, 0.9, 0.05) }, result with { IsPrimary = false }], store.Results("exp_1"));
            Assert.Equal([new(0, 1, VoteChoice.Tie, DateTimeOffset.UnixEpoch, "alice")], store.Votes("exp_1"));
            Assert.Equal(new(1, 1, 1), store.Counts("exp_1"));
            await store.RemoveAsync("exp_1", default);
            Assert.Empty(store.Experiments());
            Assert.Empty(store.Results("exp_1"));
            Assert.Equal(default, store.Counts("exp_1"));
        }
    }

    [Fact]
    public async Task ManyWritesAtOnce_AreAllKept()
    {
        await using var store = ExperimentStore.Open(File);
        await store.AddAsync(SampleExperiments.Two, default);
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(pair => store.AddAsync("exp_1", SampleExperiments.Result(pair % 2, pair), default)));
        Assert.Equal(2_000, store.Counts("exp_1").Results);
    }

    [Fact]
    public async Task AWriteThatFails_DoesNotTakeOthersWithIt()
    {
        await using var store = ExperimentStore.Open(File);
        await store.AddAsync(SampleExperiments.Two, default);
        // One result an arm and pair, and none of an experiment that does not exist.
        var writes = Enumerable.Range(0, 100).Select(i => store.AddAsync(i == 50 ? "exp_none" : "exp_1", SampleExperiments.Result(0, i == 51 ? 49 : i), default)).ToArray();
        for (var i = 0; i < writes.Length; i++)
            if (i is 50 or 51)
                await Assert.ThrowsAsync<ExperimentStoreException>(() => writes[i]);
            else
                await writes[i];
        Assert.Equal(98, store.Counts("exp_1").Results);
    }

    [Fact]
    public async Task DamagedFiles_AreRefusedByName()
    {
        await System.IO.File.WriteAllTextAsync(File, string.Concat(Enumerable.Repeat("this is no database ", 500)));
        Assert.Contains("is damaged", Assert.Throws<ExperimentStoreException>(() => ExperimentStore.Open(File)).Message);
        Assert.Contains(File, Assert.Throws<ExperimentStoreException>(() => ExperimentStore.Open(File)).Message);
    }

    [Fact]
    public async Task FilesWithBrokenPages_AreRefused()
    {
        await using (var store = ExperimentStore.Open(File))
        {
            await store.AddAsync(SampleExperiments.Two, default);
            await Task.WhenAll(Enumerable.Range(0, 500).Select(pair => store.AddAsync("exp_1", SampleExperiments.Result(0, pair), default)));
        }
        var bytes = await System.IO.File.ReadAllBytesAsync(File);
        bytes.AsSpan(8_192, bytes.Length - 8_192).Fill(0xA5);
        await System.IO.File.WriteAllBytesAsync(File, bytes);
        Assert.Throws<ExperimentStoreException>(() => ExperimentStore.Open(File));
    }

    [Fact]
    public void OtherDatabases_AreRefused()
    {
        using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE something (x)";
            command.ExecuteNonQuery();
        }
        Assert.Contains("no experiments file", Assert.Throws<ExperimentStoreException>(() => ExperimentStore.Open(File)).Message);
    }

    [Fact]
    public async Task ASecondUser_IsRefused()
    {
        await using var store = ExperimentStore.Open(File);
        Assert.Contains("another process", Assert.Throws<ExperimentStoreException>(() => ExperimentStore.Open(File)).Message);
    }
}

namespace Inference.Pipelines.Tests;

/// <summary>Models under a memory budget: the least recently used idle one goes, one in use never.</summary>
public sealed class ModelMemoryTests : IDisposable
{
    private readonly ModelFolders _folders = new();

    public ModelMemoryTests()
    {
        foreach (var name in new[] { "a", "b", "c" })
            _folders.Copy("dit", name);
    }

    private long OneModel => ModelEntry.Measure(Path.Combine(_folders.Root, "a")).Bytes;

    [Fact]
    public async Task Start_LoadsAll_WithoutABudget()
    {
        using var catalog = Open(null, ModelLoading.Start);
        await catalog.StartAsync(default);
        Assert.All(catalog.Entries, entry => Assert.Equal(ModelState.Ready, entry.State));
        Assert.Equal(3 * OneModel, catalog.LoadedBytes);
        Assert.All(catalog.Entries, entry => Assert.InRange(entry.Parameters, 100_000, 1_000_000));
    }

    [Fact]
    public async Task Start_StopsAtTheBudget_AndTheRestIsLoadedWhenAskedFor()
    {
        using var catalog = Open(2 * OneModel, ModelLoading.Start);
        await catalog.StartAsync(default);
        Assert.Equal([ModelState.Ready, ModelState.Ready, ModelState.Unloaded], States(catalog));
        (await catalog.AcquireAsync("c", default))!.Dispose();
        Assert.Equal([ModelState.Unloaded, ModelState.Ready, ModelState.Ready], States(catalog));
    }

    [Fact]
    public async Task OnDemand_UnloadsTheLeastRecentlyUsed()
    {
        using var catalog = Open(2 * OneModel, ModelLoading.OnDemand);
        await catalog.StartAsync(default);
        Assert.Equal([ModelState.Unloaded, ModelState.Unloaded, ModelState.Unloaded], States(catalog));
        foreach (var name in new[] { "a", "b", "a", "c" })
            (await catalog.AcquireAsync(name, default))!.Dispose();
        Assert.Equal([ModelState.Ready, ModelState.Unloaded, ModelState.Ready], States(catalog));
    }

    [Fact]
    public async Task Model_InUse_IsNeverUnloaded()
    {
        using var catalog = Open(OneModel, ModelLoading.OnDemand);
        var held = await catalog.AcquireAsync("a", default);
        var waiting = catalog.AcquireAsync("b", default).AsTask();
        // Served while the other waits for its memory.
        var again = await catalog.AcquireAsync("a", default);
        held!.Dispose();
        Assert.False(waiting.IsCompleted);
        Assert.Equal(ModelState.Ready, catalog.Entries[0].State);
        again!.Dispose();
        using var lease = await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal([ModelState.Unloaded, ModelState.Ready, ModelState.Unloaded], States(catalog));
    }

    [Fact]
    public async Task Waiting_Cancelled_LetsOthersLoad()
    {
        using var catalog = Open(OneModel, ModelLoading.OnDemand);
        using var stop = new CancellationTokenSource();
        var held = await catalog.AcquireAsync("a", default);
        var waiting = catalog.AcquireAsync("b", stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        held!.Dispose();
        using var lease = await catalog.AcquireAsync("c", default);
        Assert.Equal("c", lease!.Pipeline.Name);
    }

    [Fact]
    public async Task Model_LargerThanTheBudget_IsRefused()
    {
        using var catalog = Open(1000, ModelLoading.OnDemand);
        var failure = await Assert.ThrowsAsync<ModelUnavailableException>(async () => await catalog.AcquireAsync("a", default));
        Assert.Contains("memory budget is 1000", failure.Message);
    }

    [Fact]
    public async Task ManyRequests_ForMoreModelsThanFit_AllSucceed()
    {
        using var catalog = Open(2 * OneModel, ModelLoading.OnDemand);
        var request = new GenerationRequest { Prompt = "", ClassLabels = [1], Steps = 1, Seed = 3 };
        await Parallel.ForEachAsync(Enumerable.Range(0, 24), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, cancellationToken) =>
        {
            using var lease = await catalog.AcquireAsync(catalog.Entries[i % 3].Name, cancellationToken);
            Assert.Single((await lease!.Pipeline.GenerateAsync(request, new(), null, cancellationToken)).Images);
            Assert.True(catalog.LoadedBytes <= 2 * OneModel);
        });
    }

    [Theory]
    [InlineData("d")]
    [InlineData("../a")]
    [InlineData("a/")]
    [InlineData("")]
    public async Task Name_Unknown_IsNull(string name)
    {
        using var catalog = Open(null, ModelLoading.OnDemand);
        Assert.Null(await catalog.AcquireAsync(name, default));
    }

    public void Dispose() => _folders.Dispose();

    private static ModelState[] States(ModelCatalog catalog) => [.. catalog.Entries.Select(entry => entry.State)];

    private ModelCatalog Open(long? bytes, ModelLoading loading) => ModelCatalog.Open(_folders.Root, new() { MemoryBytes = bytes, Loading = loading }, _folders.Host);
}

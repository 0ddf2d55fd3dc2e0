namespace Inference.Pipelines.Tests;

public sealed class ModelCatalogTests : IDisposable
{
    private readonly ModelCopy _models = new();

    [Fact]
    public async Task Load_ABrokenFolder_DoesNotKeepTheOthersFromServing()
    {
        _models.Link("good");
        _models.Write("a-json/model_index.json", "{");
        _models.Write("b-class/model_index.json", """{"_class_name":"NoSuchPipeline"}""");
        _models.Write("c-empty/readme.md", "no model");
        using var catalog = await LoadAsync(null);
        Assert.Equal(["good"], catalog.Models.Select(model => model.Name));
        Assert.Equal("good", catalog.DefaultName);
        Assert.Equal(["a-json", "b-class"], Failed(catalog).Select(failure => failure.Name));
        Assert.Contains("model_index.json: expected JSON", Failed(catalog)[0].Error);
        Assert.Contains("'NoSuchPipeline' is not supported", Failed(catalog)[1].Error);
    }

    [Fact]
    public async Task Load_ABrokenScheduler_DoesNotKeepTheOthersFromServing()
    {
        _models.Link("good");
        var folder = _models.Copy("broken");
        File.Copy(Path.Combine(EmbeddedModel.Folder, "transformer", "model.onnx"), Path.Combine(folder, "transformer", "model.onnx"));
        var path = _models.Write("broken/scheduler/scheduler_config.json", """{"_class_name":"NoSuchScheduler"}""");
        using var catalog = await LoadAsync("good");
        Assert.Contains($"{path}: Scheduler class 'NoSuchScheduler'", Assert.Single(Failed(catalog)).Error);
    }

    [Fact]
    public async Task Load_WithoutADefault_TakesTheFirstByName()
    {
        _models.Link("b");
        _models.Link("a");
        using var catalog = await LoadAsync(null);
        Assert.Equal("a", catalog.DefaultName);
        using var other = await LoadAsync("b");
        Assert.Equal("b", other.DefaultName);
    }

    [Fact]
    public async Task Load_ADefaultThatIsNotThere_NamesIt()
    {
        _models.Link("good");
        _models.Write("broken/model_index.json", "{");
        var message = (await Assert.ThrowsAsync<ModelFolderException>(() => LoadAsync("best"))).Message;
        Assert.Contains("expected the default model 'best'", message);
        Assert.Contains("'broken' cannot be loaded", message);
    }

    [Fact]
    public async Task Load_NoModelAtAll_SaysWhatWasExpected()
    {
        Assert.Contains("expected at least one model folder", (await Assert.ThrowsAsync<ModelFolderException>(() => LoadAsync(null))).Message);
        _models.Write("broken/model_index.json", "{");
        Assert.Contains("'broken' cannot be loaded", (await Assert.ThrowsAsync<ModelFolderException>(() => LoadAsync(null))).Message);
    }

    [Fact]
    public void Load_AMissingDirectory_NamesIt()
    {
        var directory = Path.Combine(_models.Root, "none");
        Assert.Equal($"{directory}: expected a directory of model folders; it does not exist.",
            Assert.Throws<ModelFolderException>(() => ModelCatalog.Open(directory, new(), _models.Host)).Message);
    }

    [Theory]
    [InlineData("../models/good")]
    [InlineData("./good")]
    [InlineData("good/")]
    [InlineData("GOOD")]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    public async Task Find_OnlyKnowsExactNames(string name)
    {
        _models.Link("good");
        using var catalog = await LoadAsync(null);
        Assert.Null(await catalog.AcquireAsync(name, default));
        using var lease = await catalog.AcquireAsync("good", default);
        Assert.NotNull(lease);
    }

    public void Dispose() => _models.Dispose();

    private static ModelEntry[] Failed(ModelCatalog catalog) => [.. catalog.Entries.Where(entry => entry.State == ModelState.Failed)];

    private async Task<ModelCatalog> LoadAsync(string? defaultName)
    {
        var catalog = ModelCatalog.Open(_models.Root, new() { Default = defaultName }, _models.Host);
        try
        {
            await catalog.StartAsync(default);
            return catalog;
        }
        catch
        {
            catalog.Dispose();
            throw;
        }
    }
}

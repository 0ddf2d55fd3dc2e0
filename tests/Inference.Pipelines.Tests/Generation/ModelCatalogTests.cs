namespace Inference.Pipelines.Tests;

public sealed class ModelCatalogTests : IDisposable
{
    private readonly ModelCopy _models = new();

    [Fact]
    public void Load_ABrokenFolder_DoesNotKeepTheOthersFromServing()
    {
        _models.Link("good");
        _models.Write("a-json/model_index.json", "{");
        _models.Write("b-class/model_index.json", """{"_class_name":"NoSuchPipeline"}""");
        _models.Write("c-empty/readme.md", "no model");
        using var catalog = Load(null);
        Assert.Equal(["good"], catalog.Models.Select(model => model.Name));
        Assert.Equal("good", catalog.DefaultName);
        Assert.Equal(["a-json", "b-class"], catalog.Failed.Select(failure => failure.Name));
        Assert.Contains("model_index.json: expected JSON", catalog.Failed[0].Error);
        Assert.Contains("'NoSuchPipeline' is not supported", catalog.Failed[1].Error);
    }

    [Fact]
    public void Load_ABrokenScheduler_DoesNotKeepTheOthersFromServing()
    {
        _models.Link("good");
        var folder = _models.Copy("broken");
        File.Copy(Path.Combine(EmbeddedModel.Folder, "transformer", "model.onnx"), Path.Combine(folder, "transformer", "model.onnx"));
        var path = _models.Write("broken/scheduler/scheduler_config.json", """{"_class_name":"NoSuchScheduler"}""");
        using var catalog = Load("good");
        Assert.Contains($"{path}: Scheduler class 'NoSuchScheduler'", Assert.Single(catalog.Failed).Error);
    }

    [Fact]
    public void Load_WithoutADefault_TakesTheFirstByName()
    {
        _models.Link("b");
        _models.Link("a");
        using var catalog = Load(null);
        Assert.Equal("a", catalog.DefaultName);
        using var other = Load("b");
        Assert.Equal("b", other.DefaultName);
    }

    [Fact]
    public void Load_ADefaultThatIsNotThere_NamesIt()
    {
        _models.Link("good");
        _models.Write("broken/model_index.json", "{");
        var message = Assert.Throws<ModelFolderException>(() => Load("best")).Message;
        Assert.Contains("expected the default model 'best'", message);
        Assert.Contains("'broken' cannot be loaded", message);
    }

    [Fact]
    public void Load_NoModelAtAll_SaysWhatWasExpected()
    {
        Assert.Contains("expected at least one model folder", Assert.Throws<ModelFolderException>(() => Load(null)).Message);
        _models.Write("broken/model_index.json", "{");
        Assert.Contains("'broken' cannot be loaded", Assert.Throws<ModelFolderException>(() => Load(null)).Message);
    }

    [Fact]
    public void Load_AMissingDirectory_NamesIt()
    {
        var directory = Path.Combine(_models.Root, "none");
        Assert.Equal($"{directory}: expected a directory of model folders; it does not exist.",
            Assert.Throws<ModelFolderException>(() => ModelCatalog.Load(directory, null, _models.Host)).Message);
    }

    [Theory]
    [InlineData("../models/good")]
    [InlineData("./good")]
    [InlineData("good/")]
    [InlineData("GOOD")]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    public void Find_OnlyKnowsExactNames(string name)
    {
        _models.Link("good");
        using var catalog = Load(null);
        Assert.Null(catalog.Find(name));
        Assert.NotNull(catalog.Find("good"));
    }

    public void Dispose() => _models.Dispose();

    private ModelCatalog Load(string? defaultName) => ModelCatalog.Load(_models.Root, defaultName, _models.Host);
}

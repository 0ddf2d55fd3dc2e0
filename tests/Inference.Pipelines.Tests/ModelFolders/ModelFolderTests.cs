using Inference.TestKit;

namespace Inference.Pipelines.Tests;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _outer = new();
    private readonly ModelFolder _folder;

    public ModelFolderTests()
    {
        _outer.Write("secret.json", """{"key":1}""");
        _outer.Write("model/model_index.json", "{}");
        _folder = new(_outer.PathOf("model"));
    }

    [Fact]
    public void Constructor_AMissingFolder_NamesIt()
    {
        var error = Assert.Throws<ModelFolderException>(() => new ModelFolder(_outer.PathOf("none")));
        Assert.Equal($"{_outer.PathOf("none")}: expected a model folder; it does not exist.", error.Message);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("model/")]
    [InlineData("other/../model")]
    public void Name_IsTheFoldersName(string path) => Assert.Equal("model", new ModelFolder(_outer.PathOf(path)).Name);

    [Fact]
    public void File_AMissingFile_NamesIt()
    {
        var error = Assert.Throws<ModelFolderException>(() => _folder.File("unet", "model.onnx"));
        Assert.Equal(_outer.PathOf("model", "unet", "model.onnx"), error.Path);
        Assert.Contains("expected this file", error.Message);
    }

    [Fact]
    public void File_ALinkOutOfTheFolder_IsRefused()
    {
        File.CreateSymbolicLink(_outer.PathOf("model", "config.json"), "../secret.json");
        Assert.Contains("leaves the model folder", Assert.Throws<ModelFolderException>(() => _folder.Json("config.json")).Message);
    }

    [Fact]
    public void File_AComponentThatIsALinkOut_IsRefused()
    {
        Directory.CreateSymbolicLink(_outer.PathOf("model", "unet"), _outer.Root);
        Assert.Contains("leaves the model folder", Assert.Throws<ModelFolderException>(() => _folder.Text("unet", "secret.json")).Message);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("model/")]
    [InlineData("alias")]
    public void File_ALinkWithinTheFolder_IsAllowed(string root)
    {
        _outer.Write("model/blobs/1", "{}");
        File.CreateSymbolicLink(_outer.PathOf("model", "config.json"), "blobs/1");
        Directory.CreateSymbolicLink(_outer.PathOf("alias"), "model");
        Assert.Equal("{}", new ModelFolder(_outer.PathOf(root)).Text("config.json"));
    }

    [Theory]
    [InlineData("[]", "expected a JSON object")]
    [InlineData("7", "expected a JSON object")]
    [InlineData("null", "expected a JSON object")]
    [InlineData("", "expected JSON")]
    [InlineData("{\"a\":", "expected JSON")]
    [InlineData("{\"a\":1,}", "expected JSON")]
    public void Json_WhatIsNoObject_NamesFileAndExpectation(string content, string message)
    {
        var path = _outer.Write("model/config.json", content);
        var error = Assert.Throws<ModelFolderException>(() => _folder.Json("config.json"));
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Text_AFileThatIsTooLarge_IsNotRead()
    {
        var path = _outer.PathOf("model", "config.json");
        using (var file = File.Create(path))
            file.SetLength(100L << 20);
        Assert.Equal($"{path}: expected at most {64 << 20} bytes.", Assert.Throws<ModelFolderException>(() => _folder.Text("config.json")).Message);
    }

    [Fact]
    public void Has_IsAboutFolders()
    {
        _outer.Write("model/vae/config.json", "{}");
        Assert.True(_folder.Has("vae"));
        Assert.False(_folder.Has("model_index.json"));
        Assert.False(_folder.Has("unet"));
    }

    public void Dispose() => _outer.Dispose();
}

using System.Text.Json;

namespace Inference.Pipelines.Tests;

public class JsonSettingsTests
{
    private static readonly JsonSettings Settings = new("/models/m/config.json", JsonDocument.Parse(
        """{"text":"a","number":1.5,"count":3,"zero":0,"huge":4294967296,"list":[1,2],"none":null,"object":{}}""").RootElement);

    [Fact]
    public void Values_OfTheirType_AreRead()
    {
        Assert.Equal("a", Settings.Text("text"));
        Assert.Equal(1.5, Settings.Number("number"));
        Assert.Equal(3, Settings.Count("count"));
        Assert.Equal(2, Settings.Length("list"));
        Assert.True(Settings.Has("none"));
        Assert.False(Settings.Has("missing"));
    }

    [Fact]
    public void Number_MissingOrNull_IsTheDefault()
    {
        Assert.Equal(7, Settings.Number("missing", 7));
        Assert.Equal(7, Settings.Number("none", 7));
        Assert.Equal(0, Settings.Number("zero", 7));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("none")]
    [InlineData("number")]
    [InlineData("list")]
    public void Text_OfAnotherType_NamesFileKeyAndExpectation(string key) => Expected($"expected \"{key}\" to be a string", () => Settings.Text(key));

    [Theory]
    [InlineData("missing")]
    [InlineData("text")]
    [InlineData("object")]
    public void Number_OfAnotherType_NamesFileKeyAndExpectation(string key) => Expected($"expected \"{key}\" to be a number", () => Settings.Number(key));

    [Fact]
    public void Number_WithADefault_StillRefusesAnotherType() => Expected("expected \"text\" to be a number", () => Settings.Number("text", 1));

    [Theory]
    [InlineData("missing")]
    [InlineData("zero")]
    [InlineData("number")]
    [InlineData("huge")]
    [InlineData("text")]
    public void Count_OfAnotherType_NamesFileKeyAndExpectation(string key) => Expected($"expected \"{key}\" to be a whole number of at least 1", () => Settings.Count(key));

    [Theory]
    [InlineData("missing")]
    [InlineData("object")]
    public void Length_OfAnotherType_NamesFileKeyAndExpectation(string key) => Expected($"expected \"{key}\" to be an array", () => Settings.Length(key));

    private static void Expected(string message, Func<object> read)
    {
        var error = Assert.Throws<ModelFolderException>(read);
        Assert.Equal("/models/m/config.json", error.Path);
        Assert.Contains(message, error.Message);
    }
}

using System.Globalization;

namespace Inference.Pipelines.Tests;

public class PictureParametersTests
{
    private static readonly GenerationSettings Settings = new("pictogram-128", "dpmpp_2m", 20, 4.5, new(128, 64));

    [Fact]
    public void Format_IsTheTextWebInterfacesWrite() => Assert.Equal(
        "a cat\nNegative prompt: a dog\nSteps: 20, Sampler: dpmpp_2m, CFG scale: 4.5, Seed: 7, Size: 128x64, Model: pictogram-128",
        PictureParameters.Format(new() { Prompt = "a cat", NegativePrompt = "a dog" }, Settings, 7));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Format_WithoutNegativePrompt_HasNoSuchLine(string? negative) =>
        Assert.StartsWith("a cat\nSteps: 20", PictureParameters.Format(new() { Prompt = "a cat", NegativePrompt = negative }, Settings, 7));

    [Fact]
    public void Format_IsTheSameInEveryCulture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new("de-DE");
            Assert.Contains("CFG scale: 4.5,", PictureParameters.Format(new() { Prompt = "a cat" }, Settings, 7));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }
}

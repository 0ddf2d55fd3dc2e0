namespace Inference.Pipelines.Tests;

public class ImageSizeTests
{
    [Theory]
    [InlineData("128x128", 128, 128)]
    [InlineData("1x99999", 1, 99999)]
    [InlineData("00640x480", 640, 480)]
    public void TryParse_WidthAndHeight_AreRead(string text, int width, int height)
    {
        Assert.True(ImageSize.TryParse(text, out var size));
        Assert.Equal(new ImageSize(width, height), size);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("128")]
    [InlineData("128x")]
    [InlineData("x128")]
    [InlineData("0x128")]
    [InlineData("-1x128")]
    [InlineData("+1x128")]
    [InlineData("128x128x128")]
    [InlineData("128 x 128")]
    [InlineData("128X128")]
    [InlineData("1.5x2")]
    [InlineData("100000x1")]
    [InlineData("٣x٣")]
    public void TryParse_AnythingElse_IsRefused(string? text)
    {
        Assert.False(ImageSize.TryParse(text, out var size));
        Assert.Equal(default, size);
    }

    [Fact]
    public void ToString_IsWhatTryParseReads()
    {
        Assert.Equal("512x768", new ImageSize(512, 768).ToString());
        Assert.True(ImageSize.TryParse(new ImageSize(512, 768).ToString(), out var size));
        Assert.Equal(new ImageSize(512, 768), size);
    }
}

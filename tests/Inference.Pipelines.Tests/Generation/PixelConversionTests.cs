namespace Inference.Pipelines.Tests;

public class PixelConversionTests
{
    [Fact]
    public void ToRgb_InterleavesPlanes_RoundsAndClamps()
    {
        // Width 2, height 1: red, green and blue planes of two pixels.
        var image = PixelConversion.ToRgb([-1, 1, 0, -2, 3, 0.5f], new(2, 1));
        Assert.Equal((2, 1), (image.Width, image.Height));
        // 0 lies between 127 and 128 and goes to the even one; 0.5 is 191.25.
        Assert.Equal([0, 128, 255, 255, 0, 191], image.Pixels.ToArray());
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 2)]
    [InlineData(float.NegativeInfinity, 11)]
    public void ToRgb_AValueThatIsNotFinite_IsNoPicture(float value, int at)
    {
        var planes = Enumerable.Range(0, 12).Select(i => i / 12f).ToArray();
        planes[at] = value;
        Assert.Contains("not finite", Assert.Throws<GenerationFailedException>(() => PixelConversion.ToRgb(planes, new(2, 2))).Message);
    }

    [Theory]
    [InlineData(0.5f)]
    [InlineData(7f)]
    public void ToRgb_OneColour_IsNoPicture(float value)
    {
        // Another value a channel is still one colour, and so is what rounding makes equal.
        float[] planes = [.. Enumerable.Repeat(value, 4), .. Enumerable.Repeat(-value, 4), 0.1f, 0.1f, 0.1001f, 0.1f];
        Assert.Contains("single colour", Assert.Throws<GenerationFailedException>(() => PixelConversion.ToRgb(planes, new(2, 2))).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(11)]
    public void ToRgb_OnePixelThatDiffers_IsAPicture(int at)
    {
        var planes = new float[12];
        planes[at] = 1;
        Assert.Single(PixelConversion.ToRgb(planes, new(2, 2)).Pixels.ToArray(), (byte)255);
    }
}

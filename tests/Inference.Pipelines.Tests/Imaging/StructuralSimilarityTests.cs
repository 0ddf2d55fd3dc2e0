namespace Inference.Pipelines.Tests;

public sealed class StructuralSimilarityTests
{
    [Fact]
    public void EqualPictures_AreOne() => Assert.Equal(1, StructuralSimilarity.Of(Picture(i => (byte)(i * 7)), Picture(i => (byte)(i * 7))), 12);

    [Theory]
    [InlineData(32, 24, 0.9873536641710011, 0.9258587011397325)]
    [InlineData(33, 27, 0.987424691031242, 0.9243814994821481)]
    public void Index_IsTheReferenceImplementations(int width, int height, double busy, double smooth)
    {
        Assert.Equal(busy, StructuralSimilarity.Of(ReferencePictures.Busy(width, height), ReferencePictures.BusyDistorted(width, height)), 12);
        Assert.Equal(smooth, StructuralSimilarity.Of(ReferencePictures.Smooth(width, height), ReferencePictures.SmoothDistorted(width, height)), 12);
    }

    [Fact]
    public void FlatPictures_DifferByTheirMeansAlone()
    {
        // (2·a·b + C1) / (a² + b² + C1) with C1 = 6.5025.
        Assert.Equal((2 * 100 * 150 + 6.5025) / (100 * 100 + 150 * 150 + 6.5025), StructuralSimilarity.Of(Picture(_ => 100), Picture(_ => 150)), 9);
    }

    [Fact]
    public void OppositePictures_AreNegative() => Assert.True(StructuralSimilarity.Of(Picture(i => (byte)(i % 2 * 255)), Picture(i => (byte)(255 - i % 2 * 255))) < -0.9);

    [Fact]
    public void PicturesOfDifferentSizes_AreRefused() =>
        Assert.Throws<ArgumentException>(() => StructuralSimilarity.Of(new(12, 11, new byte[3 * 12 * 11]), new(11, 12, new byte[3 * 12 * 11])));

    private static RgbImage Picture(Func<int, byte> value) => new(17, 13, [.. Enumerable.Range(0, 17 * 13).SelectMany(i => Enumerable.Repeat(value(i), 3))]);
}

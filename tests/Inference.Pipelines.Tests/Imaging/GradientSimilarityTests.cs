namespace Inference.Pipelines.Tests;

/// <summary>Against numbers of a literal transcription of the authors' program (convolutions with 'same' borders, rgb2gray of grey pictures), made apart from this code.</summary>
public sealed class GradientSimilarityTests
{
    [Theory]
    [InlineData(32, 24, 0.01599339711847487, 0.0008736913921448455)]
    [InlineData(33, 27, 0.014883657879596938, 0.0010077655054828026)]
    public void Deviation_IsTheReferenceImplementations(int width, int height, double busy, double smooth)
    {
        Assert.Equal(busy, GradientSimilarity.Deviation(ReferencePictures.Busy(width, height), ReferencePictures.BusyDistorted(width, height)), 12);
        Assert.Equal(smooth, GradientSimilarity.Deviation(ReferencePictures.Smooth(width, height), ReferencePictures.SmoothDistorted(width, height)), 12);
    }

    [Fact]
    public void EqualPictures_AreZero() => Assert.Equal(0, GradientSimilarity.Deviation(ReferencePictures.Busy(20, 20), ReferencePictures.Busy(20, 20)));

    [Fact]
    public void AHalfThatLosesItsEdges_HasTheDeviationOfTwoValues()
    {
        // Of two flat pictures only the padded border has gradients, which are equal for equal values.
        Assert.Equal(0, GradientSimilarity.Deviation(ReferencePictures.Grey(16, 16, (_, _) => 90), ReferencePictures.Grey(16, 16, (_, _) => 90)), 12);
        Assert.True(GradientSimilarity.Deviation(ReferencePictures.Grey(16, 16, (x, _) => x / 4 % 2 * 255), ReferencePictures.Grey(16, 16, (_, _) => 128)) > 0.3);
    }

    [Fact]
    public void WrongSizes_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => GradientSimilarity.Deviation(new(12, 11, new byte[3 * 12 * 11]), new(11, 12, new byte[3 * 12 * 11])));
        Assert.Throws<ArgumentException>(() => GradientSimilarity.Deviation(new(3, 11, new byte[3 * 3 * 11]), new(3, 11, new byte[3 * 3 * 11])));
    }
}

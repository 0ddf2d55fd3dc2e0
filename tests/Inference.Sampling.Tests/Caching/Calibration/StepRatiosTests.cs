namespace Inference.Sampling.Tests;

public sealed class StepRatiosTests
{
    // Two rows of three steps; the second grows twice as fast and turns by a right angle.
    private static readonly IReadOnlyList<float[]>[] Rows = [[[1, 0], [2, 0], [2, 0]], [[0, 1], [0, 4], [3, 0]]];

    [Fact]
    public void Sizes_AreMeansOverRows() => Assert.Equal([1, (2 + 4) / 2.0, (1 + 0.75) / 2], StepRatios.OfSizes(Rows));

    [Fact]
    public void Directions_AreMeansOverRows() => Assert.Equal([1, 1, 0.5], StepRatios.OfDirections(Rows));

    [Fact]
    public void Errors_AreRelativeToWhatShouldHaveBeen()
    {
        var errors = ReuseErrors.Of(Rows);
        Assert.Equal((0.25 + 9 / 16.0) / 2, errors[0, 1], 6);
        Assert.Equal((0.25 + 10 / 9.0) / 2, errors[0, 2], 6);
        Assert.Equal((0 + 25 / 9.0) / 2, errors[1, 2], 6);
        Assert.Equal((0, 0), (errors[1, 0], errors[2, 2]));
    }

    [Fact]
    public void Errors_OfLongFeatures_AreThoseOfShortOnes()
    {
        float[] Repeated(float[] values) => [.. Enumerable.Repeat(values, 19).SelectMany(value => value)];
        var errors = ReuseErrors.Of([.. Rows.Select(row => (IReadOnlyList<float[]>)[.. row.Select(Repeated)])]);
        Assert.Equal(ReuseErrors.Of(Rows)[0, 2], errors[0, 2], 5);
    }

    [Fact]
    public void ForecastThreshold_IsTheLargestThatIsGoodEnough()
    {
        // The last stream turns twice as sharply as the first: forecasts are off by twice as much, and by more with every turn.
        IReadOnlyList<float[]> Bent(double by) => [.. Enumerable.Range(0, 12).Select(step => new[] { (float)(100 + by * step * step * step / 100) })];
        var (careful, bold) = (ForecastThreshold.Of([Bent(1)], [Bent(2)], 0.002), ForecastThreshold.Of([Bent(1)], [Bent(2)], 0.02));
        Assert.InRange(careful, 1e-6, bold);
        Assert.Equal(0, ForecastThreshold.Of([Bent(1)], [Bent(2)], 1e-9));
        // Where the two streams are the same, everything within the mean error is let through.
        Assert.InRange(ForecastThreshold.Of([Bent(1)], [Bent(1)], 0.001), 0.001, 0.1);
    }
}

namespace Inference.Batching.Tests;

public sealed class CostCurveTests
{
    [Fact]
    public void Milliseconds_AreLinearBetweenAndBeyondMeasuredSizes()
    {
        var curve = Curve((1, 6.2), (2, 6.4), (8, 7.6));
        Assert.Equal(6.8, curve.Milliseconds(4), 9);
        Assert.Equal(9.2, curve.Milliseconds(16), 9);
    }

    [Theory]
    [InlineData(1, 1.0, 2.0, 4.0, 8.0)]
    [InlineData(2, 1.0, 1.0, 2.0, 4.0)]
    [InlineData(8, 6.2, 6.4, 6.8, 7.6)]
    [InlineData(4, 4.0, 4.1, 4.2, 8.2)]
    public void Cap_IsTheSmallestSizeWithin3PercentOfTheBest(int expected, double one, double two, double four, double eight) =>
        Assert.Equal(expected, Curve((1, one), (2, two), (4, four), (8, eight)).Cap(8));

    [Fact]
    public void Cap_IsTheLimit_WhileNothingIsKnown() => Assert.Equal(12, new CostCurve().Cap(12));

    [Fact]
    public void Cap_TriesLargerSizes_UntilTwoDoublingsGainNothing()
    {
        var curve = Curve((1, 10), (2, 20));
        Assert.Equal(4, curve.Cap(32));
        for (var i = 0; i < 3; i++)
            curve.Record(4, TimeSpan.FromMilliseconds(40));
        Assert.Equal(1, curve.Cap(32));
        Assert.Equal(8, Curve((1, 10), (2, 11), (4, 12)).Cap(32));
        Assert.Equal(6, Curve((1, 10), (2, 11), (4, 12)).Cap(6));
    }

    [Fact]
    public void FirstEvaluationOfASize_IsNotBelieved()
    {
        var curve = new CostCurve();
        curve.Record(2, TimeSpan.FromMilliseconds(900));
        Assert.Equal(0, curve.Milliseconds(2));
        curve.Record(2, TimeSpan.FromMilliseconds(10));
        curve.Record(2, TimeSpan.FromMilliseconds(15));
        Assert.Equal(10, curve.Milliseconds(2));
    }

    [Fact]
    public void RealBatches_MoveTheCurve_AndOneOutlierDoesNot()
    {
        var curve = Curve((1, 10), (4, 10));
        curve.Record(4, TimeSpan.FromMilliseconds(5000));
        Assert.InRange(curve.Milliseconds(4), 10, 11.1);
        for (var i = 0; i < 200; i++)
            curve.Record(4, TimeSpan.FromMilliseconds(20));
        Assert.InRange(curve.Milliseconds(4), 19.8, 20.01);
        Assert.Equal(10, curve.Milliseconds(1), 9);
    }

    [Fact]
    public void SizesBetween_TeachTheirNeighbours()
    {
        var curve = Curve((1, 10), (4, 10));
        for (var i = 0; i < 400; i++)
            curve.Record(2, TimeSpan.FromMilliseconds(20));
        Assert.InRange(curve.Milliseconds(2), 19.5, 20.5);
    }

    private static CostCurve Curve(params (int Rows, double Milliseconds)[] points)
    {
        var curve = new CostCurve();
        curve.Restore(points.Select(point => new CostPoint(point.Rows, point.Milliseconds)));
        return curve;
    }
}

namespace Inference.Batching.Tests;

public sealed class MemoryCurveTests
{
    [Theory]
    [InlineData(0, 1000, 0)]
    [InlineData(0, 200, 3)]
    [InlineData(0, 0, 7)]
    public void Bytes_AreThoseOfTheLaw_FromTwoSizes(int constant, int linear, int quadratic)
    {
        var curve = Curve((2, 256), (2, 1024));
        Assert.Equal(Law(1, 4096), curve.Bytes(1, 4096)!.Value, 1e-6 * Law(1, 4096));
        Assert.Equal(Law(8, 64), curve.Bytes(8, 64)!.Value, 1e-6 * Law(8, 64));

        MemoryCurve Curve(params (int Rows, long Positions)[] batches)
        {
            var result = new MemoryCurve();
            foreach (var (rows, positions) in batches)
                result.Record(rows, positions, Law(rows, positions));
            return result;
        }

        long Law(int rows, long positions) => constant + rows * (linear * positions + quadratic * positions * positions);
    }

    [Fact]
    public void Workspace_IsToldFromRows_ByMoreBatches()
    {
        var curve = new MemoryCurve();
        foreach (var (rows, positions) in new[] { (1, 256L), (2, 1024L), (4, 1024L), (8, 1024L) })
            curve.Record(rows, positions, 5_000_000 + rows * (2_000 * positions + positions * positions));
        Assert.Equal(5_000_000 + 3 * (2_000 * 4096L + 4096L * 4096), curve.Bytes(3, 4096)!.Value, 100_000.0);
    }

    [Fact]
    public void WhatGrowsSlowerThanThePositions_HasAWorkspace_AndNoNegativeTerm()
    {
        var curve = new MemoryCurve();
        curve.Record(1, 100, 1_100);
        curve.Record(1, 400, 1_400);
        Assert.Equal(1_800, curve.Bytes(1, 800)!.Value, 1.0);
        // Less than nothing a position cannot be: the means are the best there is.
        curve = new();
        curve.Record(1, 100, 2_000);
        curve.Record(1, 400, 1_000);
        Assert.True(curve.Bytes(1, 10_000) >= 1_000);
    }

    [Fact]
    public void OneSize_TellsSmallerOnes_AndNoLargerOne()
    {
        var curve = new MemoryCurve();
        Assert.Null(curve.Bytes(1, 1));
        Assert.Null(curve.RowsWithin(1, 1));
        curve.Record(2, 64, 2 * 6_400);
        Assert.Equal(6_400, curve.Bytes(1, 64));
        Assert.Equal(3_200, curve.Bytes(1, 32));
        Assert.Null(curve.Bytes(1, 65));
        curve.Record(1, 128, 25_600);
        Assert.Equal(102_400, curve.Bytes(1, 256)!.Value, 1.0);
    }

    [Fact]
    public void OfABatchSeenTwice_TheLargerNumberCounts()
    {
        var curve = new MemoryCurve();
        foreach (var bytes in new[] { 1_000, 1_200, 1_100, 0 })
            curve.Record(1, 10, bytes);
        Assert.Equal(new(1, 10, 1_200), Assert.Single(curve.Points));
        Assert.Equal(1_200, curve.Peak);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(6_399, 0)]
    [InlineData(6_400, 1)]
    [InlineData(70_000, 10)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void RowsWithin_IsTheMostThatFit(long bytes, int expected)
    {
        var curve = new MemoryCurve();
        curve.Record(2, 64, 2 * 6_400);
        Assert.Equal(expected, curve.RowsWithin(64, bytes));
    }

    [Fact]
    public void Points_AreBounded_AndBothSizesAreKept()
    {
        var curve = new MemoryCurve();
        curve.Record(1, 10, 1_000);
        for (var rows = 1; rows <= 200; rows++)
            curve.Record(rows, 100, rows * 10_000);
        Assert.Equal(32, curve.Points.Length);
        Assert.Contains(curve.Points, point => point.Positions == 10);
        Assert.Equal(2_000_000, curve.Peak);
        Assert.Equal(100_000, curve.Bytes(1, 1000)!.Value, 1_000.0);
    }

    [Fact]
    public void Huge_NeedsDoNotOverflow()
    {
        var curve = new MemoryCurve();
        curve.Record(1, 10, 1L << 40);
        curve.Record(1, 40, 1L << 46);
        Assert.True(curve.Bytes(1_000_000, 1L << 31) > 1L << 60);
    }
}

namespace Inference.Batching.Tests;

public sealed class BatchesMetTests
{
    [Fact]
    public void Add_CountsBatchesByTheirRows()
    {
        var met = new BatchesMet();
        Assert.Equal((0, 0.0), (met.Count, met.MeanRows));
        foreach (var rows in new[] { 4, 2, 2, 6, 2 })
            met.Add(rows);
        Assert.Equal((5, 16, 3.2), (met.Count, met.Rows, met.MeanRows));
        Assert.Equal([new(2, 3), new(4, 1), new(6, 1)], met.BySize);
    }
}

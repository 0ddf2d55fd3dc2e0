using Xunit.Abstractions;

namespace Inference.LoadTest.Tests;

public sealed class IntervalTests(ITestOutputHelper output)
{
    [Fact]
    public void Quantiles_AreOrderStatistics()
    {
        var values = Enumerable.Range(1, 1000).Select(i => (double)((i * 377 % 1000) + 1)).ToArray();
        var p95 = Quantiles.Of(values, 0.95);
        // 950 ± 1.96 √(1000 · 0.95 · 0.05) = 950 ± 13.5, or a little wider for the batches' dependence.
        Assert.Equal(950, p95.Value);
        Assert.InRange(p95.Low!.Value, 925, 937);
        Assert.InRange(p95.High!.Value, 964, 976);
        Assert.Null(Quantiles.Of([1, 2, 3, 4, 5], 0.99).High);
        Assert.Equal(5, Quantiles.Of([5, 1, 4, 2, 3], 0.99).Value);
    }

    [Fact]
    public void Shares_HaveTheScoreInterval()
    {
        // Wilson for 8 of 10: 0.4902 to 0.9433 (Newcombe 1998, Statistics in Medicine 17:857).
        var share = Shares.Of([.. Enumerable.Range(0, 10).Select(i => i < 8)]);
        Assert.Equal(0.4902, share.Low!.Value, 4);
        Assert.Equal(0.9433, share.High!.Value, 4);
        Assert.Equal(1, Shares.Of([true, true]).High);
    }

    [Theory]
    [InlineData(4, 2.7764)]
    [InlineData(19, 2.0930)]
    [InlineData(100, 1.9840)]
    public void StudentT_MatchesTheTables(int degrees, double point) => Assert.Equal(point, Normal.StudentT(degrees), 0.028);

    [Theory]
    [InlineData(0.95)]
    [InlineData(0.5)]
    public void IntervalsOfQueueingLatencies_CoverTheTruth(double share)
    {
        // Latencies of a queue depend on each other: the plain intervals would cover far less than they claim.
        var truth = Quantiles.OfSorted([.. Waiting(99, 2_000_000).Order()], share);
        var runs = Enumerable.Range(0, 200).Select(seed => Waiting(seed, 4000)).ToArray();
        var covered = runs.Count(run => Quantiles.Of(run, share) is var estimate && estimate.Low <= truth && truth <= estimate.High);
        var naive = runs.Count(run => Naive(run, share) is var (low, high) && low <= truth && truth <= high);
        output.WriteLine($"p{share * 100}: {covered} of 200 intervals cover the truth, {naive} of those for independent samples");
        Assert.InRange(covered, 180, 200);
        Assert.InRange(naive, 0, 150);
    }

    private static (double Low, double High) Naive(double[] values, double share)
    {
        var sorted = values.Order().ToArray();
        var spread = Normal.Z * Math.Sqrt(values.Length * share * (1 - share));
        return (sorted[(int)(values.Length * share - spread) - 1], sorted[(int)(values.Length * share + spread)]);
    }

    // Lindley's recursion for M/D/1 at 70 %.
    private static double[] Waiting(long seed, int count)
    {
        var random = new SeededRandom(seed, 5);
        var waiting = new double[count];
        for (var i = 1; i < count; i++)
            waiting[i] = Math.Max(0, waiting[i - 1] + 1 - random.NextExponential() / 0.7);
        return waiting;
    }
}

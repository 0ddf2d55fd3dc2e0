using Inference.TestKit;

namespace Inference.Batching.Tests;

/// <summary>How wide a parallel request's groups may be: the pure rule, and the scheduler's bookkeeping of who needs what.</summary>
public sealed class WindowWidthTests
{
    [Fact]
    public void NothingIsFree_UntilCostsAreMeasured_OrWhereRowsCostWhatTheyCostAlone()
    {
        Assert.Equal(1, WindowWidth.Of(new(), 32, rows: 2, others: 0, sharers: 1, isAlone: true));
        Assert.Equal(1, WindowWidth.Of(Curve(SimulatedCost.Linear), 32, rows: 1, others: 0, sharers: 1, isAlone: true));
    }

    [Fact]
    public void Alone_TakesTheRowsThatCostATenthOfOneAlone()
    {
        // 6.4 ms for the pair, 0.2 ms for each further row: 6 % of what a row of the pair costs.
        Assert.Equal(16, WindowWidth.Of(Curve(SimulatedCost.Batching), 32, rows: 2, others: 0, sharers: 1, isAlone: true));
        // 0.4 ms a row beside 2.4 ms for the pair is a third.
        Assert.Equal(1, WindowWidth.Of(Curve(new SimulatedCost(1.6, 0.4)), 32, rows: 2, others: 0, sharers: 1, isAlone: true));
    }

    [Fact]
    public void InCompany_TakesOnlyWhatTheOthersDoNotNotice()
    {
        var flat = Curve(rows => rows <= 64 ? 6 : 6 * rows / 64.0);
        Assert.Equal(29, WindowWidth.Of(flat, 64, rows: 2, others: 6, sharers: 1, isAlone: false));
        Assert.Equal(1, WindowWidth.Of(flat, 64, rows: 2, others: 62, sharers: 1, isAlone: false));
        Assert.Equal(1, WindowWidth.Of(flat, 64, rows: 2, others: 200, sharers: 1, isAlone: false));
        Assert.Equal(1, WindowWidth.Of(Curve(SimulatedCost.Batching), 32, rows: 2, others: 2, sharers: 1, isAlone: false));
    }

    [Fact]
    public void WhatIsFree_IsSharedAmongThoseThatAsk()
    {
        var flat = Curve(rows => rows <= 64 ? 6 : 6 * rows / 64.0);
        Assert.Equal(1 + 56 / 2 / 4, WindowWidth.Of(flat, 64, rows: 2, others: 6, sharers: 4, isAlone: false));
    }

    [Fact]
    public void Scheduler_CountsWhatLanesNeed_NotHowWideTheyAre()
    {
        var scheduler = new BatchScheduler<string>(new() { MaxRows = 64 });
        var network = SimulatedNetwork.New();
        network.Curves.Of(SimulatedRequest.DefaultKey).Restore([new(1, 6), new(64, 6), new(128, 12)]);
        LaneTicket<string> Open(string name)
        {
            var ticket = new LaneTicket<string>(name, network, SimulatedRequest.DefaultKey, LaneSharing.Shared);
            scheduler.Open(ticket);
            return ticket;
        }

        var wide = Open("wide");
        Assert.Equal(32, scheduler.Width(wide, 2));
        scheduler.Enqueue(wide, 64, TimeSpan.Zero);
        var plain = Open("plain");
        scheduler.Enqueue(plain, 4, TimeSpan.Zero);
        // The wide group counts as the one evaluation it needs: 64 - 2 - 4 rows are free, and two lanes share them.
        var second = Open("second");
        Assert.Equal(1 + (64 - 8) / 2 / 2, scheduler.Width(second, 2));
        scheduler.Close(wide);
        Assert.Equal(1 + (64 - 6) / 2, scheduler.Width(second, 2));
        scheduler.Close(plain);
        Assert.Equal(32, scheduler.Width(second, 2));
    }

    private static CostCurve Curve(SimulatedCost cost) => Curve(rows => cost.Of((int)rows).TotalMilliseconds);

    private static CostCurve Curve(Func<double, double> cost)
    {
        var curve = new CostCurve();
        curve.Restore(Enumerable.Range(0, 8).Select(power => new CostPoint(1 << power, cost(1 << power))));
        return curve;
    }
}

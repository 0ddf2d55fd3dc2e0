using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Batching.Tests;

/// <summary>The scheduling rules one by one, without threads: state in, decision out.</summary>
public sealed class BatchSchedulerTests
{
    private static readonly BatchKey Key = SimulatedRequest.DefaultKey;
    private readonly BatchNetwork _network = SimulatedNetwork.New();
    private readonly BatchScheduler<string> _scheduler;
    private readonly List<LaneTicket<string>> _batch = [];

    public BatchSchedulerTests() => _scheduler = new(new() { MaxRows = 4, Guard = TimeSpan.FromMilliseconds(50) });

    [Fact]
    public void Guard_CountsFromWhenTheDeviceBecameFree_NotWhileItWorked()
    {
        var (a, b, _) = (Open("a", 1), Open("b", 1), Open("idle", 0));
        Assert.Equal(FlushReason.Guard, Next(50).Reason);
        _scheduler.Finish(_batch, Milliseconds(400), Milliseconds(450));
        _batch.Clear();
        _scheduler.Enqueue(b, 1, Milliseconds(60));
        // b has waited 390 ms, but the device was busy: it waits for a, which needs a moment after its batch.
        Assert.Equal(new BatchDecision(null, Milliseconds(500)), Next(450));
        _scheduler.Enqueue(a, 1, Milliseconds(451));
        Assert.Equal(FlushReason.Guard, Next(500).Reason);
        // a has just run, so b is owed more.
        Assert.Equal(["b", "a"], Taken());
    }

    [Fact]
    public void Cap_SendsABatch_BeforeEveryLaneWaits()
    {
        Open("idle", 0);
        Open("a", 2);
        Assert.Null(Next(0).Reason);
        Open("b", 2);
        Assert.Equal(FlushReason.Full, Next(0).Reason);
    }

    [Fact]
    public void NarrowGroups_FillWhatAWideOneLeaves()
    {
        Open("wide", 3);
        Open("wide too", 3);
        Open("narrow", 1);
        Next(0);
        Assert.Equal(["wide", "narrow"], Taken());
    }

    [Fact]
    public void WideGroup_GetsItsTurn_AmongNarrowOnesThatNeverPause()
    {
        var wide = Open("wide", 4);
        LaneTicket<string>[] narrow = [.. Enumerable.Range(0, 3).Select(i => Open($"{i}", 1))];
        var turns = 0;
        for (var round = 0; round < 100; round++)
        {
            Next(round);
            turns += _batch.Contains(wide) ? 1 : 0;
            _scheduler.Finish(_batch, Milliseconds(1), Milliseconds(round));
            foreach (var ticket in _batch.ToArray())
                _scheduler.Enqueue(ticket, ticket.Rows, Milliseconds(round));
            _batch.Clear();
        }
        // Batches cost the same whoever is in them: three narrow lanes to a wide one share 1:1 in turns at least every fourth.
        Assert.InRange(turns, 25, 75);
    }

    [Fact]
    public void Solo_NeverMeetsOthers_AndHoldsNobodyUp()
    {
        var solo = new LaneTicket<string>("solo", _network, Key, LaneSharing.Solo);
        _scheduler.Open(solo);
        Open("a", 1);
        Open("b", 1);
        Assert.Equal(FlushReason.AllWaiting, Next(0).Reason);
        Assert.Equal(["a", "b"], Taken());
        _scheduler.Finish(_batch, Milliseconds(1), Milliseconds(1));
        _batch.Clear();
        _scheduler.Enqueue(solo, 2, Milliseconds(1));
        Assert.Equal(FlushReason.AllWaiting, Next(1).Reason);
        Assert.Equal(["solo"], Taken());
    }

    [Fact]
    public void CapOfOne_RunsGroupsOneByOne()
    {
        _network.Curves.Of(Key).Restore([new(1, 1), new(2, 2.1), new(4, 4.4)]);
        Open("a", 1);
        Open("b", 1);
        Next(0);
        Assert.Equal(["a"], Taken());
    }

    [Fact]
    public void MeasuredCap_IsExceeded_WhereWaitingRequestsGainByIt()
    {
        _network.Curves.Of(Key).Restore([new(1, 10), new(32, 10), new(64, 19.6)]);
        Assert.Equal(32, _network.Curves.Of(Key).Cap(64));
        // One row more than the cap: 33 rows after 10.3 ms, or 32 after 10 ms and one after 20.
        Assert.Equal(33, BatchSizing.RowLimit(_network.Curves.Of(Key), 33, 64));
        // Two full batches end the waiting sooner on the average than one of twice the size.
        Assert.Equal(32, BatchSizing.RowLimit(_network.Curves.Of(Key), 64, 64));
    }

    [Fact]
    public void KeysTakeTurns_ByTheLanesTheyHave()
    {
        var other = Key with { ConditioningShape = "other" };
        LaneTicket<string>[] tickets = [Open("a", 4), Open("b", 4), Open("x", 4, other)];
        var turns = tickets.ToDictionary(ticket => ticket, _ => 0);
        for (var round = 0; round < 90; round++)
        {
            Next(round);
            var ran = Assert.Single(_batch);
            turns[ran]++;
            _scheduler.Finish(_batch, Milliseconds(1), Milliseconds(round));
            _batch.Clear();
            _scheduler.Enqueue(ran, 4, Milliseconds(round));
        }
        Assert.All(turns.Values, count => Assert.InRange(count, 29, 31));
    }

    [Fact]
    public void Variants_RunInBatchesOfTheirOwn_AndNoneWaitsForTheOther()
    {
        LaneTicket<string>[] full = [Open("a", 0), Open("b", 0)];
        var skipping = Open("x", 0);
        _scheduler.Enqueue(skipping, 1, Milliseconds(0), NetworkVariant.CachedModules);
        _scheduler.Enqueue(full[0], 1, Milliseconds(1));
        // Lanes are counted whatever they want: one is missing.
        Assert.Null(Next(2).Reason);
        _scheduler.Enqueue(full[1], 1, Milliseconds(3));

        Assert.Equal(FlushReason.AllWaiting, Next(3).Reason);
        Assert.Equal(["x"], Taken());
        Assert.Equal(NetworkVariant.CachedModules, _batch[0].BatchKey.Variant);
        _scheduler.Finish(_batch, Milliseconds(1), Milliseconds(4));
        _batch.Clear();

        // The lane that skipped has not come again; the others go nevertheless.
        Assert.Equal(FlushReason.AllWaiting, Next(4).Reason);
        Assert.Equal(["a", "b"], Taken());
        Assert.Equal(BatchKey.Full, _batch[0].BatchKey.Variant);
        _scheduler.Finish(_batch, Milliseconds(10), Milliseconds(14));
        _batch.Clear();
        Assert.Null(Next(14).Reason);
    }

    [Fact]
    public void NetworksTakeTurns_AndDoNotShareABatch()
    {
        var other = SimulatedNetwork.New("other");
        LaneTicket<string>[] tickets = [Open("a", 1), Open("b", 1), Open("x", 1, network: other)];
        var turns = tickets.ToDictionary(ticket => ticket, _ => 0);
        for (var round = 0; round < 90; round++)
        {
            Next(round);
            Assert.Single(_batch.Select(ticket => ticket.Network).Distinct());
            foreach (var ticket in _batch)
                turns[ticket]++;
            _scheduler.Finish(_batch, Milliseconds(1), Milliseconds(round));
            foreach (var ticket in _batch)
                _scheduler.Enqueue(ticket, 1, Milliseconds(round));
            _batch.Clear();
        }
        // Device time is shared by lanes: a batch of two costs each of them half.
        Assert.InRange(turns[tickets[2]], 29, 46);
        Assert.InRange(turns[tickets[0]], 44, 61);
        Assert.Equal(2, _scheduler.CountLanes(_network));
    }

    [Fact]
    public void Close_OfAWaitingLane_DropsItsRows()
    {
        var a = Open("a", 1);
        Open("b", 1);
        Assert.True(_scheduler.Close(a));
        Assert.False(_scheduler.Close(a));
        Next(0);
        Assert.Equal(["b"], Taken());
        Assert.Equal(1, _scheduler.OpenLanes);
    }

    private static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);

    private LaneTicket<string> Open(string name, int rows, BatchKey? key = null, BatchNetwork? network = null)
    {
        var ticket = new LaneTicket<string>(name, network ?? _network, key ?? Key, LaneSharing.Shared);
        _scheduler.Open(ticket);
        if (rows > 0)
            _scheduler.Enqueue(ticket, rows, TimeSpan.Zero);
        return ticket;
    }

    private BatchDecision Next(double milliseconds) => _scheduler.Next(Milliseconds(milliseconds), _batch);

    private IEnumerable<string> Taken() => _batch.Select(ticket => ticket.Owner);
}

using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Batching.Tests;

/// <summary>Batches are kept to the rows that there is memory for.</summary>
public sealed class MemoryCapTests
{
    private static readonly BatchKey Key = SimulatedRequest.DefaultKey;
    private readonly Room _room = new();
    private readonly BatchNetwork _network;
    private readonly BatchScheduler<string> _scheduler = new(new() { MaxRows = 16 });
    private readonly List<LaneTicket<string>> _batch = [];

    public MemoryCapTests() => _network = SimulatedNetwork.New("little memory", _room);

    [Theory]
    [InlineData(int.MaxValue, 12)]
    [InlineData(12, 12)]
    [InlineData(7, 6)]
    [InlineData(2, 2)]
    [InlineData(1, 2)]
    [InlineData(0, 2)]
    public void Batch_HasNoMoreRowsThanFit_AndAGroupAloneAlwaysGoes(int fits, int expected)
    {
        _room.Rows = fits;
        for (var i = 0; i < 6; i++)
            Open($"{i}", 2);
        Assert.Equal(expected, NextRows());
    }

    [Fact]
    public void Cap_IsLookedAtAgainForEveryBatch()
    {
        _room.Rows = 4;
        for (var i = 0; i < 6; i++)
            Open($"{i}", 2);
        Assert.Equal(4, NextRows());
        _room.Rows = 8;
        Assert.Equal(8, NextRows());
    }

    [Fact]
    public void MeasuredCost_StillCapsBelowTheMemory()
    {
        _room.Rows = 8;
        _network.Curves.Of(Key).Restore([new(1, 10), new(2, 12), new(4, 24), new(8, 48)]);
        for (var i = 0; i < 6; i++)
            Open($"{i}", 1);
        Assert.Equal(2, NextRows());
    }

    [Fact]
    public void Window_AsksForNoMoreThanFits()
    {
        _network.Curves.Of(Key).Restore([new(1, 10), new(5, 10.03), new(16, 10.1)]);
        var ticket = Open("wide", 0);
        _room.Rows = 16;
        Assert.Equal(16, _scheduler.Width(ticket, 1));
        _room.Rows = 5;
        Assert.Equal(5, _scheduler.Width(ticket, 1));
        Assert.Equal(5, _network.FreeEvaluations(CostKey.Of(Key), 1));
    }

    private LaneTicket<string> Open(string name, int rows)
    {
        var ticket = new LaneTicket<string>(name, _network, Key, LaneSharing.Shared);
        _scheduler.Open(ticket);
        if (rows > 0)
            _scheduler.Enqueue(ticket, rows, TimeSpan.Zero);
        return ticket;
    }

    private int NextRows()
    {
        _batch.Clear();
        Assert.NotNull(_scheduler.Next(TimeSpan.Zero, _batch).Reason);
        return _batch.Sum(ticket => ticket.Rows);
    }

    private sealed class Room : IRowRoom
    {
        public int Rows { get; set; }

        public int RowsOf(LatentShape shape) => Rows;
    }
}

using Inference.Sampling;

namespace Inference.Batching;

/// <summary>The open lanes whose rows may share a batch: those of one network and key, or one solo lane.</summary>
internal sealed class KeyQueue<TOwner>
{
    /// <summary>The lanes that wait, by the form of the network they want; a group may be empty.</summary>
    public List<WaitingGroup<TOwner>> Groups { get; } = [];

    /// <summary>Whose lanes they are.</summary>
    public required BatchNetwork Network { get; init; }

    /// <summary>Open lanes, waiting or not.</summary>
    public int Open { get; set; }

    /// <summary>Rows that the open lanes need at least, each for one evaluation.</summary>
    public int NeededRows { get; set; }

    /// <summary>Open lanes that take more rows where there are free ones.</summary>
    public int ElasticLanes { get; set; }

    /// <summary>Lanes that wait.</summary>
    public int WaitingLanes { get; private set; }

    public void Add(LaneTicket<TOwner> ticket)
    {
        var group = GroupOf(ticket.Variant);
        group.Lanes.Add(ticket);
        group.Rows += ticket.Rows;
        WaitingLanes++;
    }

    public void Remove(LaneTicket<TOwner> ticket)
    {
        var group = GroupOf(ticket.Variant);
        group.Lanes.Remove(ticket);
        group.Rows -= ticket.Rows;
        group.IsReleased &= group.Lanes.Count > 0;
        WaitingLanes--;
    }

    /// <summary>A batch of a group goes; if every open lane waits, the other groups need not wait for those that run.</summary>
    public void Release(WaitingGroup<TOwner> taken)
    {
        if (WaitingLanes == Open)
            foreach (var group in Groups)
                group.IsReleased = group.Lanes.Count > 0;
        taken.IsReleased = false;
    }

    private WaitingGroup<TOwner> GroupOf(NetworkVariant variant)
    {
        foreach (var group in Groups)
            if (group.Variant == variant)
                return group;
        Groups.Add(new(variant));
        return Groups[^1];
    }
}

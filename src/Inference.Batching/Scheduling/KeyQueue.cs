namespace Inference.Batching;

/// <summary>The open lanes whose rows may share a batch: those of one network and key, or one solo lane.</summary>
internal sealed class KeyQueue<TOwner>
{
    /// <summary>Lanes that wait, in order of arrival.</summary>
    public List<LaneTicket<TOwner>> Waiting { get; } = [];

    /// <summary>Whose lanes they are.</summary>
    public required BatchNetwork Network { get; init; }

    /// <summary>Open lanes, waiting or not.</summary>
    public int Open { get; set; }

    /// <summary>Rows that wait.</summary>
    public int WaitingRows { get; set; }

    /// <summary>The waiting lane that is owed the most; of equals the one that has waited longest.</summary>
    public LaneTicket<TOwner> Leader()
    {
        var leader = Waiting[0];
        foreach (var ticket in Waiting)
            if (FairShare.Compare(ticket, leader) < 0)
                leader = ticket;
        return leader;
    }
}

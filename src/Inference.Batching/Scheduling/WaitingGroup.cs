using Inference.Sampling;

namespace Inference.Batching;

/// <summary>Lanes of one queue that wait for the same form of the network: a batch is made of one group.</summary>
/// <param name="variant">The form.</param>
internal sealed class WaitingGroup<TOwner>(NetworkVariant variant)
{
    public NetworkVariant Variant { get; } = variant;

    /// <summary>The lanes, in order of arrival.</summary>
    public List<LaneTicket<TOwner>> Lanes { get; } = [];

    /// <summary>Their rows.</summary>
    public int Rows { get; set; }

    /// <summary>Whether every open lane of the queue was waiting when a batch of another group went: the group follows as soon as the device is free.</summary>
    public bool IsReleased { get; set; }

    /// <summary>The lane that is owed the most; of equals the one that has waited longest.</summary>
    public LaneTicket<TOwner> Leader()
    {
        var leader = Lanes[0];
        foreach (var ticket in Lanes)
            if (FairShare.Compare(ticket, leader) < 0)
                leader = ticket;
        return leader;
    }
}

using Inference.Sampling;

namespace Inference.Batching;

/// <summary>Whether a lane's rows may share evaluations with other lanes.</summary>
public enum LaneSharing
{
    /// <summary>Rows of any lane of the same key share batches: the usual case.</summary>
    Shared,

    /// <summary>Every group is evaluated by itself, so that its batch sizes, and with them its bytes, do not depend on whom it meets.</summary>
    Solo,
}

/// <summary>What the scheduler knows of a lane. Changed by <see cref="BatchScheduler{TOwner}"/> only.</summary>
/// <param name="owner">Whose lane it is.</param>
/// <param name="network">Whose rows it has.</param>
/// <param name="key">What its rows have in common, whatever form of the network they want.</param>
/// <param name="sharing">Whether its rows meet others.</param>
internal sealed class LaneTicket<TOwner>(TOwner owner, BatchNetwork network, BatchKey key, LaneSharing sharing)
{
    public TOwner Owner { get; } = owner;

    public BatchNetwork Network { get; } = network;

    public BatchKey Key { get; } = key;

    public LaneSharing Sharing { get; } = sharing;

    public LaneState State { get; internal set; }

    /// <summary>Form of the network that the group that waits or runs wants.</summary>
    public NetworkVariant Variant { get; internal set; }

    /// <summary>What the rows of that group have in common.</summary>
    public BatchKey BatchKey => Key with { Variant = Variant };

    /// <summary>Rows of the group that waits or runs.</summary>
    public int Rows { get; internal set; }

    /// <summary>Rows it needs at least: those of its last group, or of one evaluation where its groups follow the load.</summary>
    public int NeededRows { get; internal set; } = 1;

    /// <summary>Whether the width of its groups follows the load.</summary>
    public bool IsElastic { get; internal set; }

    /// <summary>Since when the group waits.</summary>
    public TimeSpan WaitingSince { get; internal set; }

    /// <summary>Device milliseconds the lane is owed (positive) or has had beyond its share (negative).</summary>
    public double Deficit { get; internal set; }

    internal long Arrival { get; set; }

    internal KeyQueue<TOwner>? Queue { get; set; }
}

internal enum LaneState
{
    Idle,
    Waiting,
    Running,
    Closed,
}

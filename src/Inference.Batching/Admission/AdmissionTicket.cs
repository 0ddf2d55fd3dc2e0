namespace Inference.Batching;

/// <summary>A request in the ledger. Changed by <see cref="AdmissionLedger{TOwner}"/> only.</summary>
/// <param name="owner">Whose request it is.</param>
/// <param name="cost">What it is predicted to take.</param>
/// <param name="priority">Its class.</param>
/// <param name="deadline">When it must be done, on the ledger's clock.</param>
public sealed class AdmissionTicket<TOwner>(TOwner owner, PredictedCost cost, RequestPriority priority, TimeSpan deadline)
{
    public TOwner Owner { get; } = owner;

    public PredictedCost Cost { get; } = cost;

    public RequestPriority Priority { get; } = priority;

    public TimeSpan Deadline { get; } = deadline;

    /// <summary>Predicted work that is left.</summary>
    public TimeSpan Left { get; internal set; } = cost.Work;

    /// <summary>Where it is in its life.</summary>
    public AdmissionState State { get; internal set; }

    /// <summary>Leases on lanes it holds.</summary>
    internal int Leases { get; set; }

    /// <summary>Its place: the time it came, later for the batch class. Ageing is that this place does not move while the clock does.</summary>
    internal TimeSpan Rank { get; set; }
}

/// <summary>Where a request is in its life.</summary>
public enum AdmissionState
{
    /// <summary>Not let in.</summary>
    Outside,

    /// <summary>Let in, waiting for its turn.</summary>
    Waiting,

    /// <summary>Being generated.</summary>
    Running,

    /// <summary>Done, cancelled or dropped.</summary>
    Gone,
}

/// <summary>Whether a request is let in.</summary>
public enum AdmissionVerdict
{
    /// <summary>Let in.</summary>
    Accepted,

    /// <summary>As much work waits as is accepted.</summary>
    QueueFull,

    /// <summary>Too much work is ahead of it for its deadline.</summary>
    DeadlineTooBusy,

    /// <summary>Its deadline could not be met by an idle server either.</summary>
    DeadlineTooShort,
}

/// <summary>The answer to a request.</summary>
/// <param name="Verdict">Whether it is let in.</param>
/// <param name="RetryAfter">When the same request is predicted to be let in; zero when it was, or never will be.</param>
/// <param name="PredictedTime">How long it is predicted to take from now.</param>
public readonly record struct AdmissionAnswer(AdmissionVerdict Verdict, TimeSpan RetryAfter, TimeSpan PredictedTime);

using Inference.Batching;
using Inference.Sampling;

namespace Inference.TestKit;

/// <summary>A request of a simulation, and what became of it. Times are since the simulation began.</summary>
public sealed class SimulatedRequest
{
    /// <summary>A key that simulated requests share.</summary>
    public static BatchKey DefaultKey { get; } = new(BatchKey.Full, new LatentShape(4, 16, 16), "text");

    public TimeSpan Arrival { get; init; }

    public int Pictures { get; init; } = 1;

    /// <summary>Rows of one evaluation of one picture: an atomic group.</summary>
    public int RowsPerPicture { get; init; } = 2;

    public int Steps { get; init; } = 20;

    public BatchKey Key { get; init; } = DefaultKey;

    public LaneSharing Sharing { get; init; }

    public RequestPriority Priority { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Time between an evaluation's end and the next request for one.</summary>
    public TimeSpan Think { get; init; }

    /// <summary>What each picture does on its lane instead of <see cref="Steps"/> evaluations, by which its cost is still predicted; null: those. Runs in
    /// virtual time, so it must await nothing else.</summary>
    public Func<ISimulatedLane, Task>? Program { get; init; }

    /// <summary>Disconnects so long after its arrival; null: never.</summary>
    public TimeSpan? CancelAfter { get; init; }

    public AdmissionAnswer? Answer { get; internal set; }

    /// <summary>When the same request would have been let in, asked for after a refusal.</summary>
    public TimeSpan? WouldBeAdmitted { get; internal set; }

    public TimeSpan? Finished { get; internal set; }

    /// <summary>Dropped because of its deadline, or cancelled.</summary>
    public bool IsDropped { get; internal set; }

    /// <summary>Rows that were evaluated.</summary>
    public int RowsEvaluated { get; internal set; }

    /// <summary>Its share of the device so far: elapsed time over the lanes that had work, while it had work.</summary>
    public TimeSpan FairShare { get; internal set; }

    /// <summary>Longest time one group waited, its own evaluation included, measured in its share of the device.</summary>
    public TimeSpan LongestGroup { get; internal set; }
}

/// <summary>The lane of a picture in a simulation.</summary>
public interface ISimulatedLane
{
    /// <summary>Evaluations that the next group may have.</summary>
    /// <param name="rows">Rows of one evaluation.</param>
    int Width(int rows);

    /// <summary>Has a group of rows evaluated.</summary>
    Task EvaluateAsync(int rows);
}

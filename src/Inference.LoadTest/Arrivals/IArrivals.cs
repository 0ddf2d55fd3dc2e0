namespace Inference.LoadTest;

/// <summary>When requests are meant to be sent, whatever the server does: the open loop.</summary>
public interface IArrivals
{
    /// <summary>For reports: what it is and its rates.</summary>
    string Description { get; }

    /// <summary>Length of the window in which arrivals may fall.</summary>
    TimeSpan Duration { get; }

    /// <summary>Offsets from the start, ascending, below <see cref="Duration"/>; equal seeds give equal times.</summary>
    IEnumerable<TimeSpan> Times(long seed);
}

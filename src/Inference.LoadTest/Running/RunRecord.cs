namespace Inference.LoadTest;

/// <summary>Whether arrivals wait for answers.</summary>
public enum LoadKind
{
    /// <summary>Arrivals come whatever the server does: what users do.</summary>
    OpenLoop,

    /// <summary>A fixed number of clients, each sending when its last answer has come: a slow server is asked less, and its latency looks better than users would find it.</summary>
    ClosedLoop,
}

/// <summary>Everything that was measured in one run.</summary>
/// <param name="Kind">Open or closed loop.</param>
/// <param name="Description">Of the load.</param>
/// <param name="Window">Length of the time in which requests were sent; shorter than planned when interrupted.</param>
/// <param name="Measurements">In the order of the intended arrivals.</param>
/// <param name="Unfinished">Running when the run was stopped; empty when it was not.</param>
/// <param name="Interrupted">Whether it was stopped before its end.</param>
public sealed record RunRecord(
    LoadKind Kind, string Description, TimeSpan Window, IReadOnlyList<Measurement> Measurements, IReadOnlyList<Unfinished> Unfinished, bool Interrupted);

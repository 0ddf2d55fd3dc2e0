namespace Inference.LoadTest;

/// <summary>One answered or failed request. All times are offsets from the start of the run.</summary>
/// <param name="Index">Place in the run, from 0.</param>
/// <param name="Kind">Part of the mix it was drawn from.</param>
/// <param name="Intended">When it should have been sent.</param>
/// <param name="Sent">When it was handed to the operating system; null when it never was.</param>
/// <param name="FirstPicture">When a stream brought its first picture; null when nothing was streamed.</param>
/// <param name="Completed">When the last byte had come, or it failed.</param>
/// <param name="Failure">Null when the answer was right.</param>
/// <param name="Stages">Times that the server reports, milliseconds.</param>
public sealed record Measurement(
    int Index, string Kind, TimeSpan Intended, TimeSpan? Sent, TimeSpan? FirstPicture, TimeSpan Completed, Failure? Failure, IReadOnlyList<StageTime> Stages)
{
    /// <summary>
    /// From the intended arrival, not from sending: a request that had to wait because an earlier one stalled counts its waiting
    /// (coordinated omission; Tene 2013, "How NOT to Measure Latency").
    /// </summary>
    public TimeSpan Latency => Completed - Intended;

    /// <summary>Whether it was answered well and within the time.</summary>
    public bool Meets(Slo slo) => Failure is null && Latency <= slo.Within;
}

/// <summary>A request that was still running when the run was stopped.</summary>
/// <param name="Age">From the intended arrival to the stop.</param>
public sealed record Unfinished(int Index, string Kind, TimeSpan Intended, TimeSpan Age);

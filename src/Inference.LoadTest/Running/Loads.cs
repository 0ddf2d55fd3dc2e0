namespace Inference.LoadTest;

/// <summary>The kinds of load there are.</summary>
public static class Loads
{
    /// <summary>Most clients of a closed loop.</summary>
    public const int MaxConcurrency = 10_000;

    /// <summary>Requests at their arrival times, however many are still running.</summary>
    public static ILoad Open(IArrivals arrivals) => new OpenLoop(arrivals);

    /// <summary>So many clients, each waiting for its answer before it sends again.</summary>
    /// <exception cref="LoadTestException">The number is not from 1 to <see cref="MaxConcurrency"/>.</exception>
    public static ILoad Closed(int concurrency, TimeSpan duration) => concurrency is >= 1 and <= MaxConcurrency
        ? new ClosedLoop(concurrency, duration)
        : throw new LoadTestException($"the concurrency must be from 1 to {MaxConcurrency}, not {concurrency}");
}

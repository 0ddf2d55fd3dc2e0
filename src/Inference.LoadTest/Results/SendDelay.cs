namespace Inference.LoadTest;

/// <summary>How late requests left against their intended times, seconds: how far the load test itself kept up. New connections are in it.</summary>
/// <param name="Sent">Requests that left at all.</param>
/// <param name="Within5Ms">Share that left within 5 ms.</param>
public sealed record SendDelay(int Sent, double P50, double P99, double Max, double Within5Ms)
{
    /// <summary>Null when nothing was sent.</summary>
    internal static SendDelay? Of(RunRecord run)
    {
        var delays = run.Measurements.Where(measurement => measurement.Sent is not null).Select(measurement => (measurement.Sent!.Value - measurement.Intended).TotalSeconds).Order().ToArray();
        return delays.Length == 0 ? null : new(
            delays.Length, Quantiles.OfSorted(delays, 0.5), Quantiles.OfSorted(delays, 0.99), delays[^1], delays.Count(delay => delay <= 0.005) / (double)delays.Length);
    }
}

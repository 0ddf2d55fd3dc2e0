namespace Inference.LoadTest;

/// <summary>
/// Poisson arrivals whose rate goes from a to b in a straight line over T, by inversion (Çinlar 1975, "Introduction to Stochastic Processes", 4.7):
/// arrivals of a unit-rate process through the inverse of Λ(t) = a t + (b − a) t² / 2T.
/// </summary>
internal sealed class RampArrivals(double from, double to, TimeSpan duration) : IArrivals
{
    public string Description => FormattableString.Invariant($"Poisson ramp, {from:0.###} to {to:0.###} requests/s");

    public TimeSpan Duration => duration;

    public IEnumerable<TimeSpan> Times(long seed)
    {
        var random = new SeededRandom(seed, Streams.Arrivals);
        var slope = (to - from) / duration.TotalSeconds;
        var expected = (from + to) / 2 * duration.TotalSeconds;
        for (var mass = random.NextExponential(); mass < expected; mass += random.NextExponential())
        {
            // The root in the form that does not cancel; slope 0 included.
            var at = 2 * mass / (from + Math.Sqrt(Math.Max(0, from * from + 2 * slope * mass)));
            if (at < duration.TotalSeconds)
                yield return TimeSpan.FromSeconds(at);
        }
    }
}

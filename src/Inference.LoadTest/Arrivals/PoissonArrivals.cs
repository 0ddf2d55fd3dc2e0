namespace Inference.LoadTest;

/// <summary>Exponential gaps: what many independent users make.</summary>
internal sealed class PoissonArrivals(double rate, TimeSpan duration) : IArrivals
{
    public string Description => FormattableString.Invariant($"Poisson, {rate:0.###} requests/s");

    public TimeSpan Duration => duration;

    public IEnumerable<TimeSpan> Times(long seed)
    {
        var random = new SeededRandom(seed, Streams.Arrivals);
        for (var at = random.NextExponential() / rate; at < duration.TotalSeconds; at += random.NextExponential() / rate)
            yield return TimeSpan.FromSeconds(at);
    }
}

namespace Inference.LoadTest;

/// <summary>Equal gaps, the first arrival at the start.</summary>
internal sealed class ConstantArrivals(double rate, TimeSpan duration) : IArrivals
{
    public string Description => FormattableString.Invariant($"constant, {rate:0.###} requests/s");

    public TimeSpan Duration => duration;

    public IEnumerable<TimeSpan> Times(long seed)
    {
        // Multiplied, not summed: no drift.
        for (var i = 0L; i / rate < duration.TotalSeconds; i++)
            yield return TimeSpan.FromSeconds(i / rate);
    }
}

namespace Inference.LoadTest;

/// <summary>Streams of the run's seed: what is drawn for one thing never moves another.</summary>
internal static class Streams
{
    public const ulong Arrivals = ulong.MaxValue;

    /// <summary>Stream of what request <paramref name="index"/> is.</summary>
    public static ulong Request(int index) => (ulong)index;
}

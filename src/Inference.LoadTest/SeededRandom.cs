namespace Inference.LoadTest;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014, OOPSLA, "Fast splittable pseudorandom number generators"): one seed and stream, one sequence, on every machine.</summary>
internal sealed class SeededRandom
{
    private ulong _state;

    public SeededRandom(long seed, ulong stream)
    {
        _state = unchecked((ulong)seed);
        // Mixed before the stream is added, so that neighbouring seeds and streams share nothing.
        _state = Next() ^ unchecked(stream * 0xD1B54A32D192ED03);
        _state = Next();
    }

    public ulong Next()
    {
        unchecked
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Exponential with mean 1, above 0.</summary>
    public double NextExponential() => -Math.Log(1 - NextDouble());
}

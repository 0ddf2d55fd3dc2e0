namespace Inference.Sampling;

/// <summary>MT19937 (Matsumoto &amp; Nishimura 1998, ACM TOMACS 8(1)), seeded by <c>init_genrand</c> from 32 bits, as torch's CPU generator is.</summary>
internal sealed class MersenneTwister
{
    private const int N = 624;
    private const int M = 397;
    private readonly uint[] _state = new uint[N];
    private int _next;

    public void Seed(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < N; i++)
            _state[i] = 1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30)) + (uint)i;
        _next = N;
    }

    public uint Next()
    {
        if (_next == N)
            Twist();
        var y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680u;
        y ^= (y << 15) & 0xEFC60000u;
        return y ^ (y >> 18);
    }

    /// <summary>Passes over <paramref name="count"/> outputs.</summary>
    public void Skip(int count)
    {
        for (; count > N - _next; Twist())
            count -= N - _next;
        _next += count;
    }

    private void Twist()
    {
        for (var i = 0; i < N; i++)
        {
            var y = (_state[i] & 0x80000000u) | (_state[(i + 1) % N] & 0x7FFFFFFFu);
            _state[i] = _state[(i + M) % N] ^ (y >> 1) ^ ((y & 1) * 0x9908B0DFu);
        }
        _next = 0;
    }
}

namespace Inference.Sampling;

/// <summary>Philox4x32-10 (Salmon, Moraes, Dror &amp; Shaw 2011, SC'11, "Parallel random numbers: as easy as 1, 2, 3"): a keyed bijection of 128-bit counters.</summary>
internal static class Philox
{
    private const int Rounds = 10;

    /// <summary>The four outputs for a counter (c0..c3) and a key (k0, k1).</summary>
    public static (uint X0, uint X1, uint X2, uint X3) Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var p0 = (ulong)0xD2511F53u * c0;
            var p1 = (ulong)0xCD9E8D57u * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        return (c0, c1, c2, c3);
    }
}

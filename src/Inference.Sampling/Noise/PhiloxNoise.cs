namespace Inference.Sampling;

/// <summary>
/// The noise of <c>torch.randn(device="cuda")</c> ("NV" noise of the web UIs): value i of draw n is the Box-Muller transform of the Philox4x32-10
/// block with counter (n, 0, i, 0) and the seed as key (cuRAND's <c>curand_normal</c>). Equal to a real device as long as its kernel gives each
/// value a thread of its own, which 4×64×64 values do on practically every card. Any draw is reached at once; instances hold no state.
/// </summary>
/// <param name="seed">The seed, all 64 bits of it.</param>
public sealed class PhiloxNoise(ulong seed) : INoise
{
    private const float TwoPow32Inverse = 2.3283064e-10f;
    private const float TwoPow32InverseTwoPi = TwoPow32Inverse * 6.2831855f;

    public void Fill(int draw, Latent destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(draw);
        var values = destination.Values;
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, _, _) = Philox.Block((uint)draw, 0, (uint)i, 0, (uint)seed, (uint)(seed >> 32));
            var u = MathF.FusedMultiplyAdd(x, TwoPow32Inverse, TwoPow32Inverse / 2);
            var v = MathF.FusedMultiplyAdd(y, TwoPow32InverseTwoPi, TwoPow32InverseTwoPi / 2);
            values[i] = MathF.Sqrt(-2 * MathF.Log(u)) * MathF.Sin(v);
        }
    }
}

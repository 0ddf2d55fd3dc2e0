namespace Inference.Sampling;

/// <summary>
/// Single-precision ln, sin and cos by the Cephes polynomials (Moshier; logf.c, sinf.c) in the operation order of the AVX2 kernels that torch is
/// built with: every product followed by a sum is a fused multiply-add. Other libraries differ by a unit in the last place, which would change
/// the noise of a seed.
/// </summary>
internal static class CephesFloat
{
    /// <summary>Natural logarithm of a positive normal number.</summary>
    public static float Log(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        var e = (float)((int)(bits >> 23) - 126);
        x = BitConverter.UInt32BitsToSingle((bits & 0x007FFFFFu) | 0x3F000000u); // mantissa in [0.5, 1)
        if (x < 0.707106781186547524f)
            (e, x) = (e - 1, x - 1 + x);
        else
            x -= 1;

        var z = x * x;
        var y = Fma(7.0376836292E-2f, x, -1.1514610310E-1f);
        y = Fma(y, x, 1.1676998740E-1f);
        y = Fma(y, x, -1.2420140846E-1f);
        y = Fma(y, x, 1.4249322787E-1f);
        y = Fma(y, x, -1.6668057665E-1f);
        y = Fma(y, x, 2.0000714765E-1f);
        y = Fma(y, x, -2.4999993993E-1f);
        y = Fma(y, x, 3.3333331174E-1f);
        y *= x;
        y = Fma(y, z, e * -2.12194440e-4f);
        y = Fma(-0.5f, z, y);
        return Fma(e, 0.693359375f, x + y);
    }

    /// <summary>Sine and cosine of an angle ≥ 0 in radians.</summary>
    public static (float Sin, float Cos) SinCos(float x)
    {
        var octant = ((int)(x * 1.27323954473516f) + 1) & ~1; // 4/π, to the nearest even octant
        var y = (float)octant;
        x = Fma(y, -0.78515625f, x);
        x = Fma(y, -2.4187564849853515625e-4f, x);
        x = Fma(y, -3.77489497744594108e-8f, x);

        var z = x * x;
        var c = Fma(2.443315711809948E-5f, z, -1.388731625493765E-3f);
        c = Fma(c, z, 4.166664568298827E-2f);
        c = Fma(c * z, z, -0.5f * z) + 1;
        var s = Fma(-1.9515295891E-4f, z, 8.3321608736E-3f);
        s = Fma(s, z, -1.6666654611E-1f);
        s = Fma(s * z, x, x);

        var (sin, cos) = (octant & 2) == 0 ? (s, c) : (c, s);
        return ((octant & 4) == 0 ? sin : -sin, ((octant - 2) & 4) != 0 ? cos : -cos);
    }

    private static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);
}

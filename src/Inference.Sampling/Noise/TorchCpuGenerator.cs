namespace Inference.Sampling;

/// <summary>
/// torch's CPU generator as <c>torch.randn(float32)</c> uses it (ATen/native/cpu/DistributionTemplates.h, the AVX2 kernel): MT19937 and the
/// Box-Muller transform, in blocks of 16 values from single-precision uniforms, or value by value in double for fewer than 16.
/// </summary>
internal sealed class TorchCpuGenerator
{
    private const int Block = 16;
    private readonly MersenneTwister _engine = new();
    private double? _spare;

    /// <summary>Starts anew. torch's engine sees only the low 32 bits of a seed.</summary>
    public void Seed(ulong seed)
    {
        _engine.Seed((uint)seed);
        _spare = null;
    }

    /// <summary>One call of randn.</summary>
    public void Normal(Span<float> values)
    {
        if (values.Length < Block)
        {
            foreach (ref var value in values)
                value = (float)NextNormal();
            return;
        }

        Uniform(values);
        for (var i = 0; i <= values.Length - Block; i += Block)
            BoxMuller(values.Slice(i, Block));
        if (values.Length % Block == 0)
            return;
        // The last 16 values are drawn anew, whatever they were.
        var tail = values[^Block..];
        Uniform(tail);
        BoxMuller(tail);
    }

    /// <summary>Passes over one call of randn of <paramref name="length"/> values.</summary>
    public void Skip(int length)
    {
        if (length >= Block)
            _engine.Skip(length + (length % Block == 0 ? 0 : Block));
        else
            for (var i = 0; i < length; i++)
                NextNormal();
    }

    private void Uniform(Span<float> values)
    {
        foreach (ref var value in values)
            value = (_engine.Next() & 0xFFFFFF) * (1f / (1 << 24));
    }

    private static void BoxMuller(Span<float> values)
    {
        for (var j = 0; j < Block / 2; j++)
        {
            var radius = MathF.Sqrt(-2 * CephesFloat.Log(1 - values[j]));
            var (sin, cos) = CephesFloat.SinCos(2 * MathF.PI * values[j + Block / 2]);
            // Adding the mean, 0, turns -0 into 0.
            values[j] = radius * cos + 0f;
            values[j + Block / 2] = radius * sin + 0f;
        }
    }

    private double NextNormal()
    {
        if (_spare is { } spare)
        {
            _spare = null;
            return spare;
        }
        var theta = 2 * Math.PI * NextDouble();
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        _spare = radius * Math.Sin(theta);
        return radius * Math.Cos(theta);
    }

    private double NextDouble()
    {
        var high = (ulong)_engine.Next() << 32;
        return ((high | _engine.Next()) & ((1UL << 53) - 1)) * (1.0 / (1UL << 53));
    }
}

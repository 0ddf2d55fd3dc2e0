using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Inference.Sampling.Tests;

public sealed class TorchCpuNoiseTests
{
    public static TheoryData<int> Rows => [.. Enumerable.Range(0, RandnGolden.Cases.Count)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Draw_zero_has_the_bits_of_torch(int row)
    {
        var @case = RandnGolden.Cases[row]!;
        var expected = @case["avx2_kernel"]!;
        using var latent = Latent.Rent(RandnGolden.Shape(RandnGolden.Length(@case)));

        new TorchCpuNoise(RandnGolden.Seed(@case)).Fill(0, latent);

        var first = RandnGolden.Floats(expected["first_values"]!);
        Assert.Equal(first, latent.Values[..first.Length].ToArray());
        var last = RandnGolden.Floats(expected["last_16"]!);
        Assert.Equal(last, latent.Values[^last.Length..].ToArray());
        Assert.Equal(
            expected["sha256_float32_le"]!.GetValue<string>(),
            Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(latent.Values))));
    }

    [Fact]
    public void Successive_calls_of_several_sizes_follow_torch()
    {
        var rows = RandnGolden.Cases.Where(row => row!["sequence_of_calls_5_20_3"] is not null).ToArray();
        Assert.Equal(5, rows.Length);
        foreach (var row in rows)
        {
            var generator = new TorchCpuGenerator();
            generator.Seed(RandnGolden.Seed(row!));
            foreach (var call in row!["sequence_of_calls_5_20_3"]!["f32"]!.AsArray())
            {
                var expected = RandnGolden.Floats(call!);
                var actual = new float[expected.Length];
                generator.Normal(actual);
                Assert.Equal(expected, actual);
            }
        }
    }

    [Fact]
    public void Raw_outputs_are_those_of_mt19937()
    {
        foreach (var row in RandnGolden.Cases.Where(row => row!["raw_u32_first8"] is not null))
        {
            var engine = new MersenneTwister();
            engine.Seed((uint)RandnGolden.Seed(row!));
            foreach (var expected in row!["raw_u32_first8"]!.AsArray())
                Assert.Equal(expected!.GetValue<uint>(), engine.Next());
        }
    }

    [Theory]
    [InlineData(5)] // odd: the spare value of the double-precision path crosses draws
    [InlineData(16)]
    [InlineData(37)] // a redrawn tail
    [InlineData(1000)]
    public void Draws_are_successive_calls_in_every_order_of_asking(int length)
    {
        const int Draws = 6;
        var generator = new TorchCpuGenerator();
        generator.Seed(7);
        var expected = new float[Draws][];
        for (var n = 0; n < Draws; n++)
            generator.Normal(expected[n] = new float[length]);

        var noise = new TorchCpuNoise(7);
        using var latent = Latent.Rent(RandnGolden.Shape(length));
        foreach (var draw in new[] { 3, 4, 0, 5, 5, 1, 2, 0 })
        {
            noise.Fill(draw, latent);
            Assert.Equal(expected[draw], latent.Values.ToArray());
        }
    }

    [Fact]
    public void A_latent_of_another_size_does_not_see_earlier_draws()
    {
        using var small = Latent.Rent(RandnGolden.Shape(5));
        using var large = Latent.Rent(RandnGolden.Shape(48));
        using var expected = Latent.Rent(RandnGolden.Shape(48));
        var noise = new TorchCpuNoise(3);
        noise.Fill(0, small);
        noise.Fill(1, large);
        new TorchCpuNoise(3).Fill(1, expected);
        Assert.Equal(expected.Values.ToArray(), large.Values.ToArray());
    }

    [Fact]
    public void A_draw_allocates_nothing()
    {
        using var latent = Latent.Rent(new(4, 8, 8));
        var noise = new TorchCpuNoise(1);
        noise.Fill(0, latent);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 1; n < 20; n++)
            noise.Fill(n, latent);
        noise.Fill(2, latent);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Negative_draws_are_refused()
    {
        using var latent = Latent.Rent(new(1, 4, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TorchCpuNoise(1).Fill(-1, latent));
    }
}

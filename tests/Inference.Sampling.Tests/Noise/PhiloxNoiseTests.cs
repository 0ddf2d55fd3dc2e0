namespace Inference.Sampling.Tests;

public sealed class PhiloxNoiseTests
{
    [Fact]
    public void Blocks_have_the_published_known_answers()
    {
        var answers = RandnGolden.Philox["known_answers_philox4x32_10"]!.AsArray();
        Assert.Equal(3, answers.Count);
        foreach (var answer in answers)
        {
            uint[] U32(string name) => [.. answer![name]!.AsArray().Select(value => value!.GetValue<uint>())];
            var (c, k, expected) = (U32("counter"), U32("key"), U32("out"));
            var (x0, x1, x2, x3) = Philox.Block(c[0], c[1], c[2], c[3], k[0], k[1]);
            Assert.Equal(expected, new[] { x0, x1, x2, x3 });
        }
    }

    [Fact]
    public void Normals_follow_the_published_cuda_values()
    {
        var rows = RandnGolden.Philox["published_torch_cuda_values_4_decimals"]!.AsArray();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
            Compare(RandnGolden.Seed(row!), row!["call"]!.GetValue<int>(), RandnGolden.Floats(row["first_values"]!), 6e-5);
    }

    [Fact]
    public void Normals_follow_the_single_precision_formula()
    {
        var rows = RandnGolden.Philox["computed_by_our_numpy_float32_implementation"]!.AsArray();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
            Compare(RandnGolden.Seed(row!), row!["offset"]!.GetValue<int>(), RandnGolden.Floats(row["values"]!), 1e-6);
    }

    [Fact]
    public void All_64_bits_of_a_seed_count()
    {
        using var low = Latent.Rent(new(1, 4, 4));
        using var high = Latent.Rent(new(1, 4, 4));
        new PhiloxNoise(5).Fill(0, low);
        new PhiloxNoise(5 + (1UL << 40)).Fill(0, high);
        Assert.NotEqual(low.Values.ToArray(), high.Values.ToArray());
    }

    [Fact]
    public void A_draw_allocates_nothing()
    {
        using var latent = Latent.Rent(new(4, 8, 8));
        var noise = new PhiloxNoise(1);
        noise.Fill(0, latent);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 1; n < 20; n++)
            noise.Fill(n, latent);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Compare(ulong seed, int draw, float[] expected, double tolerance)
    {
        using var latent = Latent.Rent(RandnGolden.Shape(expected.Length));
        new PhiloxNoise(seed).Fill(draw, latent);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], latent.Values[i], tolerance);
    }
}

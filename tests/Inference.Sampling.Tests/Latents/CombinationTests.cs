namespace Inference.Sampling.Tests;

public class CombinationTests
{
    [Fact]
    public void Operators_AreTheFormulas()
    {
        using Latent a = Of(1, 2, 3), b = Of(10, 20, 30), x = Of(0, 0, 0);
        Equal(a + b, 11, 22, 33);
        Equal(a - b, -9, -18, -27);
        Equal(-a, -1, -2, -3);
        Equal(2 * a, 2, 4, 6);
        Equal(a / 2, 0.5f, 1, 1.5f);
        Equal(2 * (a + b) - (b - a) / 2, 17.5f, 35, 52.5f);
        Equal(-(a - 3 * b), 29, 58, 87);
        Equal(a, 1, 2, 3);
        Equal(default, 0, 0, 0);

        void Equal(Combination combination, params float[] expected)
        {
            x.Set(combination);
            Assert.Equal(expected, x.Values.ToArray());
        }
    }

    [Fact]
    public void EqualLatents_AreMerged_SoThatTheyCountOnce()
    {
        using Latent a = Of(1, 2, 3), b = Of(10, 20, 30), x = Of(0, 0, 0);
        var sum = a + b;
        for (var i = 0; i < 20; i++)
            sum += a;
        x.Set(sum);
        Assert.Equal([31f, 62f, 93f], x.Values.ToArray());
    }

    [Fact]
    public void CoefficientZero_DropsItsTerm_EvenWhenItIsNotFinite()
    {
        using Latent a = Of(1, 2, 3), broken = Of(float.NaN, float.PositiveInfinity, 0), x = Of(0, 0, 0);
        x.Set(a + 0 * broken);
        Assert.Equal([1f, 2f, 3f], x.Values.ToArray());
    }

    [Fact]
    public void MoreThanEightDifferentLatents_AreAnError()
    {
        var latents = Enumerable.Range(1, Combination.MaxTerms + 1).Select(i => Of(i)).ToArray();
        Combination sum = default;
        foreach (var latent in latents[..^1])
            sum += latent;
        using var x = Of(0);
        x.Set(sum);
        Assert.Equal(36, x.Values[0]);
        Assert.Contains("at most 8", Assert.Throws<InvalidOperationException>(() => sum + latents[^1]).Message);
    }

    [Fact]
    public void AnotherShape_IsAnErrorThatNamesBoth()
    {
        using Latent a = Of(1, 2, 3), x = Of(0, 0);
        var message = Assert.Throws<ArgumentException>(() => x.Set(2 * a)).Message;
        Assert.Contains("1x1x3", message);
        Assert.Contains("1x1x2", message);
        // As many values in another shape are another shape.
        using var turned = Latent.Rent(new(3, 1, 1));
        Assert.Throws<ArgumentException>(() => turned.Set(2 * a));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(1000)]
    [InlineData(1003)]
    public void EveryLength_HasItsTail_AndTheDestinationMayBeAnOperand(int length)
    {
        float[] Values(float scale) => [.. Enumerable.Range(0, length).Select(i => scale * (i - length / 3f))];
        using Latent x = Of(Values(1)), y = Of(Values(-0.3f));
        // Beyond the latent, the pooled array must stay as it is.
        using var neighbour = Of(Values(5));
        x.Set(0.5 * x + 3 * y - 0.25 * x);
        Assert.Equal(Values(1).Zip(Values(-0.3f), (a, b) => (float)(0.25 * a + 3 * (double)b)), x.Values.ToArray());
        Assert.Equal(Values(5), neighbour.Values.ToArray());
        Assert.Equal(Values(-0.3f), y.Values.ToArray());
    }

    [Fact]
    public void Sums_AreInDouble_WithOneRoundingAtTheEnd()
    {
        using Latent large = Of(1e8f), one = Of(1), x = Of(0);
        // In float, 1e8 + 1 is 1e8.
        x.Set(large + one - 1.0 * large);
        Assert.Equal(1, x.Values[0]);
        using var other = Of(1e8f);
        x.Set(large + one - other);
        Assert.Equal(1, x.Values[0]);
    }

    [Fact]
    public void Set_AllocatesNothing()
    {
        using Latent a = Of(new float[1003]), b = Of(new float[1003]), x = Of(new float[1003]);
        void Run()
        {
            for (var i = 0; i < 100; i++)
                x.Set(0.5 * x + 2 * (a - b) / 3 - a);
        }
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static Latent Of(params float[] values) => Latent.From(new(1, 1, values.Length), values);
}

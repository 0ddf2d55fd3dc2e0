namespace Inference.Sampling.Tests;

public class LatentTests
{
    private static readonly LatentShape Shape = new(1, 1, 3);

    [Fact]
    public void Values_AreExactlyTheShapes()
    {
        // The pool's array is larger.
        using var latent = Latent.Rent(Shape);
        Assert.Equal((3, 3), (latent.Values.Length, latent.Memory.Length));
    }

    [Fact]
    public void From_AnotherNumberOfValues_NamesBoth() =>
        Assert.Contains("shape 1x1x3 has 3 values, not 2", Assert.Throws<ArgumentException>(() => Latent.From(Shape, [1, 2])).Message);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void IsFinite_SeesEveryValue(float value)
    {
        using var latent = Latent.From(Shape, [1, float.MaxValue, -1]);
        Assert.True(latent.IsFinite());
        latent.Values[2] = value;
        Assert.False(latent.IsFinite());
    }

    [Fact]
    public void Dispose_Twice_IsOnce_AndUseAfterItIsAnError()
    {
        var latent = Latent.From(Shape, [1, 2, 3]);
        latent.Dispose();
        latent.Dispose();
        // Had the array gone back twice, two latents would share it.
        using Latent one = Latent.Rent(Shape), two = Latent.Rent(Shape);
        one.Values.Fill(1);
        two.Values.Fill(2);
        Assert.Equal([1f, 1f, 1f], one.Values.ToArray());
        Assert.Throws<ObjectDisposedException>(() => latent.Values.Length);
        Assert.Throws<ObjectDisposedException>(() => latent.Memory);
        Assert.Throws<ObjectDisposedException>(() => latent.Set(2 * one));
        Assert.Throws<ObjectDisposedException>(() => one.Set(2 * latent));
    }
}

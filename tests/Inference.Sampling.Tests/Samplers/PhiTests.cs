namespace Inference.Sampling.Tests;

public sealed class PhiTests
{
    [Theory]
    [InlineData(-30)]
    [InlineData(-1)]
    [InlineData(-0.999)]
    [InlineData(-1e-5)]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(4)]
    public void Phi_is_its_defining_integral(double z)
    {
        for (var k = 1; k <= 4; k++)
        {
            const int Points = 100_000;
            var integral = 0.0;
            for (var n = 0; n < Points; n++)
            {
                var theta = (n + 0.5) / Points;
                integral += Math.Exp((1 - theta) * z) * Math.Pow(theta, k - 1) / Phi.Factorial(k - 1) / Points;
            }
            Assert.Equal(integral, Phi.Of(k, z), 1e-8);
        }
    }

    [Fact]
    public void Series_and_recurrence_meet()
    {
        for (var k = 1; k <= 5; k++)
        {
            Assert.Equal(Phi.Of(k, 1 - 1e-13), Phi.Of(k, 1), 1e-12);
            Assert.Equal(Phi.Of(k, -1 + 1e-13), Phi.Of(k, -1), 1e-12);
        }
    }
}

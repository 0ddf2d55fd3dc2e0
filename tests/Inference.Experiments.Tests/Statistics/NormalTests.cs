namespace Inference.Experiments.Tests;

public sealed class NormalTests
{
    // Wichura 1988, section 4: the check values of AS 241.
    [Theory]
    [InlineData(0.25, -0.6744897501960817)]
    [InlineData(0.001, -3.090232306167814)]
    [InlineData(1e-20, -9.262340089798408)]
    [InlineData(0.975, 1.959963984540054)]
    public void Quantile_IsThePublished(double p, double expected) => Assert.Equal(expected, Normal.Quantile(p), 12);

    // Abramowitz and Stegun 1964, table 26.1.
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.841344746068543)]
    [InlineData(-2.5, 0.006209665325776)]
    [InlineData(3.5, 0.999767370920964)]
    [InlineData(-6, 9.865876450377e-10)]
    public void Distribution_IsThePublished(double z, double expected) => Assert.Equal(expected, Normal.Distribution(z), 1e-14);

    // Abramowitz and Stegun 1964, table 26.10.
    [Theory]
    [InlineData(0.975, 9, 2.262)]
    [InlineData(0.975, 30, 2.042)]
    [InlineData(0.995, 10, 3.169)]
    [InlineData(0.95, 5, 2.015)]
    public void StudentT_IsThePublished(double p, int degrees, double expected) => Assert.Equal(expected, Normal.StudentT(p, degrees), 0.002);

    // Abramowitz and Stegun 1964, 26.5.24: I_p(a, n - a + 1) is the upper tail of the binomial distribution.
    [Theory]
    [InlineData(0.3, 2, 4)]
    [InlineData(0.7, 5, 1)]
    [InlineData(0.5, 7, 7)]
    public void IncompleteBeta_IsABinomialTail(double p, int a, int b)
    {
        var n = a + b - 1;
        var tail = Enumerable.Range(a, n - a + 1).Sum(i => Choose(n, i) * Math.Pow(p, i) * Math.Pow(1 - p, n - i));
        Assert.Equal(tail, IncompleteBeta.Of(p, a, b), 13);
    }

    private static double Choose(int n, int k) => Enumerable.Range(1, k).Aggregate(1.0, (product, i) => product * (n - k + i) / i);
}

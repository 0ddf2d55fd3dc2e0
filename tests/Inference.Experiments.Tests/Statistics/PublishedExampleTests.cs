using MathNet.Numerics.Distributions;

namespace Inference.Experiments.Tests;

/// <summary>Worked examples from the literature.</summary>
public sealed class PublishedExampleTests
{
    // Student 1908, "The probable error of a mean": hours of sleep gained with two drugs, ten patients.
    private static readonly double[] First = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    private static readonly double[] Second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

    // Reference values of the authors' package confseq: normal mixture tuned for v = 100 at 0.05, two-sided.
    [Fact]
    public void NormalMixture_IsTheAuthorsPackages()
    {
        Assert.Equal(12.60056, ConfidenceSequence.Rho(100, 0.05), 1e-5);
        Assert.Equal(30.35209, ConfidenceSequence.Boundary(100, 0.05, 100, 0.05), 1e-5);
    }

    [Fact]
    public void NormalMixture_IsTheAsymptoticConfidenceSequence()
    {
        // Waudby-Smith et al. 2024, eq. 6, with ρ² for our 1/ρ.
        var (t, alpha) = (321.0, 0.05);
        var rho2 = 1 / ConfidenceSequence.Rho(ConfidenceSequence.TunedFor, alpha);
        var published = Math.Sqrt(2 * (t * rho2 + 1) / (t * t * rho2) * Math.Log(Math.Sqrt(t * rho2 + 1) / alpha));
        Assert.Equal(published, ConfidenceSequence.Boundary(t, alpha, ConfidenceSequence.TunedFor, alpha) / t, 12);
    }

    [Fact]
    public void PairedInterval_IsStudents()
    {
        var estimate = MeanEstimate.Of(First.Zip(Second, (a, b) => a - b), 0.05);
        Assert.Equal(-1.58, estimate.Mean, 12);
        Assert.Equal(-2.4598858, estimate.FixedLow!.Value, 1e-3);
        Assert.Equal(-0.7001142, estimate.FixedHigh!.Value, 1e-3);
        // Ten patients are too few for one that holds at all sizes.
        Assert.Null(estimate.Low);
    }

    [Fact]
    public void UnpairedInterval_IsWelchs()
    {
        // R, help page of t.test: Welch's test on the same data.
        var estimate = BetweenArms.Of(First.Zip(Second, (a, b) => new[] { new ArmObservation(true, a), new ArmObservation(false, b) }).SelectMany(both => both), 0.5, 0.05)!;
        Assert.Equal(-3.3654832, estimate.FixedLow!.Value, 1e-3);
        Assert.Equal(0.2054832, estimate.FixedHigh!.Value, 1e-3);
    }

    [Fact]
    public void BootstrapOfTheMedian_IsEfrons()
    {
        // Efron 1979, section 3: the bootstrap distribution of the median of 13 values.
        var bootstrap = new QuantileBootstrap([.. Enumerable.Range(1, 13).Select(i => (double)i)], 0.5);
        Assert.Equal([0.0015, 0.0142, 0.0550, 0.1242, 0.1936, 0.2230, 0.1936, 0.1242, 0.0550, 0.0142, 0.0015], bootstrap.Masses.Skip(1).Take(11), (expected, actual) => Math.Abs(expected - actual) < 2e-4);
        Assert.Equal(7, bootstrap.Value);
        Assert.Equal((4.0, 10.0), (bootstrap.Interval(0.05).Low!.Value, bootstrap.Interval(0.05).High!.Value));
    }

    [Fact]
    public void BradleyTerry_IsAgrestisBaseball()
    {
        // Agresti 2002, "Categorical Data Analysis", table 10.10: American League East, 1987; strengths and standard errors as R's BradleyTerry2 gives them.
        // Milwaukee, Detroit, Toronto, New York, Boston, Cleveland, Baltimore.
        double[,] wins =
        {
            { 0, 7, 9, 7, 7, 9, 11 }, { 6, 0, 7, 5, 11, 9, 9 }, { 4, 6, 0, 7, 7, 8, 12 }, { 6, 8, 6, 0, 6, 7, 10 }, { 6, 2, 6, 7, 0, 7, 12 }, { 4, 4, 5, 6, 6, 0, 6 }, { 2, 4, 1, 3, 1, 7, 0 },
        };
        var fit = BradleyTerry.Fit(wins, 6)!;
        Assert.Equal([1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0], fit.Select(strength => strength.Value), (expected, actual) => Math.Abs(expected - actual) < 1e-4);
        Assert.Equal([0.3433, 0.3396, 0.3367, 0.3359, 0.3339, 0.3319, 0], fit.Select(strength => strength.StandardError), (expected, actual) => Math.Abs(expected - actual) < 1e-4);
    }

    [Fact]
    public void BradleyTerry_WithoutAMaximum_IsNull()
    {
        Assert.Null(BradleyTerry.Fit(new double[,] { { 0, 3 }, { 0, 0 } }, 0));
        Assert.Null(BradleyTerry.Fit(new double[2, 2], 0));
        // Two arms: the odds are wins over losses.
        Assert.Equal(Math.Log(3), BradleyTerry.Fit(new double[,] { { 0, 1 }, { 3, 0 } }, 0)![1].Value, 9);
    }

    [Fact]
    public void DifferenceOfQuantiles_IsThatOfAllPairsOfResamples()
    {
        var (a, b) = (new QuantileBootstrap([1, 2, 4, 8, 16, 32, 64], 0.5), new QuantileBootstrap([3, 5, 7, 11, 13], 0.5));
        // By brute force over the two exact distributions; symmetric levels would be at 0.1, the bias of this pair moves them.
        var masses = (from x in a.Masses.Zip(new double[] { 1, 2, 4, 8, 16, 32, 64 }) from y in b.Masses.Zip(new double[] { 3, 5, 7, 11, 13 }) select (Difference: x.Second - y.Second, Mass: x.First * y.First)).ToArray();
        var below = masses.Sum(pair => pair.Difference < 1 ? pair.Mass : pair.Difference == 1 ? pair.Mass / 2 : 0);
        var bias = Normal.InvCDF(0, 1, below);
        var level = Normal.CDF(0, 1, 2 * bias + Normal.InvCDF(0, 1, 0.1));
        var sum = 0.0;
        var expected = masses.OrderBy(pair => pair.Difference).First(pair => (sum += pair.Mass) >= level).Difference;
        Assert.Equal(expected, a.Minus(b, 0.2).Low!.Value, 1e-9);
        Assert.Equal(8 - 7, a.Minus(b, 0.2).Value);
    }

    [Fact]
    public void ExtremeQuantilesOfSmallSamples_HaveNoUpperEnd()
    {
        var interval = new QuantileBootstrap([.. Enumerable.Range(1, 50).Select(i => (double)i)], 0.99).Interval(0.05);
        Assert.Equal(50, interval.Value);
        Assert.NotNull(interval.Low);
        Assert.Null(interval.High);
    }
}

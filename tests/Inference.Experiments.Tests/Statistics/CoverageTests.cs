namespace Inference.Experiments.Tests;

/// <summary>Coverage by simulation with fixed seeds: 2,000 experiments of skewed latencies, whose means and quantiles are known.</summary>
public sealed class CoverageTests
{
    private const int Experiments = 2_000;
    private const double Spread = 0.4;

    private static readonly double Mean = Math.Exp(Spread * Spread / 2);

    [Fact]
    public void OrdinaryIntervalOfAMean_CoversIt95Percent() => AssertCovers(random => MeanEstimate.Of(Sample(random, 300), 0.05) is var estimate && estimate.FixedLow <= Mean && Mean <= estimate.FixedHigh);

    [Fact]
    public void OrdinaryIntervalOfADifference_CoversIt95Percent() => AssertCovers(random =>
    {
        var observations = Enumerable.Range(0, 400).Select(_ => random.NextDouble() < 0.3 ? new ArmObservation(true, 1 + Latency(random)) : new ArmObservation(false, Latency(random)));
        return BetweenArms.Of(observations, 0.3, 0.05) is var estimate && estimate!.FixedLow <= 1 && 1 <= estimate.FixedHigh;
    });

    [Theory]
    [InlineData(0.5, 200, 0)]
    [InlineData(0.95, 400, 1.6448536269514722)]
    [InlineData(0.95, 100, 1.6448536269514722)]
    [InlineData(0.99, 500, 2.3263478740408408)]
    public void BootstrapIntervalOfAQuantile_CoversIt95Percent(double share, int n, double z) => AssertCovers(random =>
    {
        var interval = new QuantileBootstrap([.. Sample(random, n).Order()], share).Interval(0.05);
        return interval.Low <= Math.Exp(Spread * z) && Math.Exp(Spread * z) <= interval.High;
    });

    [Theory]
    [InlineData(0.5, 200, 0)]
    [InlineData(0.95, 400, 1.6448536269514722)]
    public void BootstrapIntervalOfAQuantilesDifference_CoversIt95Percent(double share, int n, double z) => AssertCovers(random =>
    {
        var (slow, fast) = (Sample(random, n).Select(value => 2 * value).Order().ToArray(), Sample(random, n).Order().ToArray());
        var interval = new QuantileBootstrap(slow, share).Minus(new(fast, share), 0.05);
        return interval.Low <= Math.Exp(Spread * z) && Math.Exp(Spread * z) <= interval.High;
    });

    [Fact]
    public void AlwaysValidInterval_CoversAtEveryLookTogether()
    {
        // One miss at any of the looks is a miss of the experiment.
        var random = new Random(5);
        var covered = 0;
        for (var experiment = 0; experiment < Experiments; experiment++)
        {
            var (moments, missed) = (new Moments(), false);
            for (var n = 1; n <= 2_000; n++)
            {
                moments.Add(Latency(random));
                if (n % 50 == 0 && ConfidenceSequence.Radius(moments, 0.05) < Math.Abs(moments.Mean - Mean))
                    missed = true;
            }
            covered += missed ? 0 : 1;
        }
        Assert.True(covered >= 0.95 * Experiments, $"{covered} of {Experiments}");
    }

    private static void AssertCovers(Func<Random, bool> covers)
    {
        var random = new Random(1);
        var covered = Enumerable.Range(0, Experiments).Count(_ => covers(random)) / (double)Experiments;
        Assert.InRange(covered, 0.93, 0.97);
    }

    private static double[] Sample(Random random, int n) => [.. Enumerable.Range(0, n).Select(_ => Latency(random))];

    private static double Latency(Random random) => Math.Exp(Spread * Gauss(random));

    private static double Gauss(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

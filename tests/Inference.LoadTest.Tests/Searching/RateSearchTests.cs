using Xunit.Abstractions;

namespace Inference.LoadTest.Tests;

public sealed class RateSearchTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Service = TimeSpan.FromMilliseconds(50);
    private static readonly Slo Objective = new(TimeSpan.FromMilliseconds(200), 0.95);

    [Fact]
    public async Task OfAKnownQueue_FindsTheRateThatKeepsTheObjective()
    {
        var truth = TrueRate();
        var result = await SearchAsync(new() { Slo = Objective, Probe = TimeSpan.FromSeconds(600) });
        output.WriteLine($"truth {truth:F2}/s: {ReportText.Conclusion(result)}");
        Assert.True(result.Complete);
        Assert.InRange(result.Best!.Value, truth / 1.1, truth * 1.1);
        Assert.InRange(truth, result.SureBelow!.Value, result.SureAbove!.Value);
        Assert.True(result.SureAbove / result.SureBelow < 1.4);
    }

    [Fact]
    public async Task ShortProbes_AdmitThatTheyAreNotSure()
    {
        var result = await SearchAsync(new() { Slo = Objective, Probe = TimeSpan.FromSeconds(2), MaxProbes = 4 });
        Assert.Null(result.SureBelow);
        Assert.False(result.Complete);
        Assert.Contains("no rate", ReportText.Conclusion(result), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task ObjectiveThatNothingKeeps_EndsWithNoRate()
    {
        var result = await SearchAsync(new() { Slo = new(TimeSpan.FromMilliseconds(20), 0.95), Probe = TimeSpan.FromSeconds(600) });
        Assert.Null(result.Best);
        Assert.StartsWith("No rate that was tried keeps", ReportText.Conclusion(result));
    }

    [Fact]
    public void Options_AreCheckedAllAtOnce() =>
        Assert.Equal(5, Assert.Throws<LoadTestException>(() => new RateSearchOptions { Slo = Objective, Probe = TimeSpan.Zero, FirstRate = 0, Resolution = 1, MaxProbes = 0, Repetitions = 0 }.Validated()).Problems.Count);

    private static Task<RateSearchResult> SearchAsync(RateSearchOptions options) => RateSearch.RunAsync(
        options,
        (rate, probe, stop) =>
        {
            var clock = new VirtualClock();
            return Task.FromResult(clock.Run(() => LoadRunner.RunAsync(Loads.Open(LoadTest.Arrivals.Poisson(rate, options.Probe)), Mix.Default, probe, new QueueTarget(clock, Service), clock, null, stop)));
        },
        null, CancellationToken.None);

    // Highest rate of M/D/1 with P(waiting ≤ 150 ms) ≥ 95 %: P(W ≤ t) = (1 − ρ) Σ_{k ≤ t/s} (−λ(t − k s))^k / k! · e^{λ(t − k s)} (Erlang 1909; Iversen and Staalhagen 1999, eq. 2).
    private static double TrueRate()
    {
        var (low, high) = (1.0, 19.99);
        for (var i = 0; i < 60; i++)
            if (Within((low + high) / 2) >= Objective.Share)
                low = (low + high) / 2;
            else
                high = (low + high) / 2;
        return low;

        static double Within(double rate)
        {
            var (s, t, sum, factorial) = (Service.TotalSeconds, (Objective.Within - Service).TotalSeconds, 0.0, 1.0);
            for (var k = 0; k * s <= t + 1e-12; k++)
            {
                factorial *= Math.Max(1, k);
                sum += Math.Pow(-rate * (t - k * s), k) / factorial * Math.Exp(rate * (t - k * s));
            }
            return (1 - rate * s) * sum;
        }
    }
}

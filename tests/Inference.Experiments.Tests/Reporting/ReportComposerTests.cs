namespace Inference.Experiments.Tests;

public sealed class ReportComposerTests
{
    [Fact]
    public void AnEmptyExperiment_HasAReport()
    {
        var report = ReportComposer.Compose(SampleExperiments.Two, [], []);
        Assert.Equal(["There are no results yet."], report.Warnings);
        Assert.Empty(report.Differences);
        Assert.All(report.Arms, arm => Assert.Equal((0, 0), (arm.Results, arm.Latency.Count)));
        Assert.Equal("There are no votes.", report.Votes.Note);
        Assert.Null(SampleExperiments.Two.Definition.Stop.Decide(report));
    }

    [Fact]
    public void PairsAndPrimaries_AreKeptApart()
    {
        var results = Enumerable.Range(0, 60).SelectMany(pair => new[]
        {
            SampleExperiments.Result(pair % 2, pair),
            SampleExperiments.Result(1 - pair % 2, pair) with { IsPrimary = false, LatencyMs = 1e6 },
        }.Select(result => result.Arm == 0 ? result : result with { Similarity = pair == 3 ? new(double.PositiveInfinity, 1, 0) : new(30 + pair % 3, 0.9, 0.1) })).ToArray();
        var report = ReportComposer.Compose(SampleExperiments.Two, results, []);
        Assert.Equal([(30, 60, 0), (30, 60, 1)], report.Arms.Select(arm => (arm.Results, arm.Pairs, arm.Identical)));
        // Runs in the background waited for nobody.
        Assert.All(report.Arms, arm => Assert.InRange(arm.Means[ComparedMetric.LatencyMs]!.Value, 100, 120));
        var service = Assert.Single(report.Differences, difference => difference is { Metric: ComparedMetric.ServiceMs, Kind: DifferenceKind.Paired });
        Assert.Equal((60, 10.0, 10.0, 10.0), (service.Estimate.Count, service.Estimate.Mean, service.Estimate.Low!.Value, service.Estimate.High!.Value));
        var psnr = Assert.Single(report.Differences, difference => difference.Metric == ComparedMetric.Psnr);
        Assert.Equal((DifferenceKind.Similarity, 59), (psnr.Kind, psnr.Estimate.Count));
        Assert.Equal(ComparedMetric.LatencyMs, Assert.Single(report.Differences, difference => difference.IsDeciding).Metric);
        Assert.Contains(report.Warnings, warning => warning.StartsWith("Arm 'twenty' has 30 results; below 100", StringComparison.Ordinal));
    }

    [Fact]
    public void ResultsOfAUser_AreOneObservation()
    {
        var results = Enumerable.Range(0, 100).Select(pair => SampleExperiments.Result(pair % 2, pair) with { Unit = pair % 10 }).ToArray();
        var between = Assert.Single(ReportComposer.Compose(SampleExperiments.Two, results, []).Differences, difference => difference.Metric == ComparedMetric.LatencyMs);
        Assert.Equal(10, between.Estimate.Count);
    }

    [Fact]
    public void CountsThatDoNotFollowTheWeights_AreWarnedAbout()
    {
        var lost = Enumerable.Range(0, 600).Select(pair => SampleExperiments.Result(pair % 2, pair)).ToArray();
        Assert.Contains(ReportComposer.Compose(SampleExperiments.Two, lost, []).Warnings, warning => warning.Contains("cannot be trusted", StringComparison.Ordinal));
        var right = Enumerable.Range(0, 600).Select(pair => SampleExperiments.Result(pair % 3 == 0 ? 0 : 1, pair)).ToArray();
        Assert.DoesNotContain(ReportComposer.Compose(SampleExperiments.Two, right, []).Warnings, warning => warning.Contains("cannot be trusted", StringComparison.Ordinal));
    }

    [Fact]
    public void Votes_AreCountedAndFitted()
    {
        Vote[] votes = [.. Enumerable.Repeat(new Vote(1, 0, VoteChoice.First, default, null), 6), .. Enumerable.Repeat(new Vote(0, 1, VoteChoice.First, default, null), 2), .. Enumerable.Repeat(new Vote(0, 1, VoteChoice.Tie, default, null), 2)];
        var summary = ReportComposer.Compose(SampleExperiments.Two, [], votes).Votes;
        Assert.Equal((10, 2, null), (summary.Count, summary.Ties, summary.Note));
        Assert.Equal((6, 2, 2, 0.7), (summary.Arms[1].Wins, summary.Arms[1].Losses, summary.Arms[1].Ties, summary.Arms[1].WinShare!.Value));
        Assert.Equal(Math.Log(7.0 / 3), summary.Arms[1].Strength!.Value, 6);
        Assert.True(summary.Arms[1].Low < 0.8 && summary.Arms[1].High > 0.9);
    }

    [Fact]
    public void MaxResults_EndIt()
    {
        var results = Enumerable.Range(0, 500).Select(pair => SampleExperiments.Result(pair % 3 == 0 ? 0 : 1, pair)).ToArray();
        Assert.Equal(StopReason.MaxResults, SampleExperiments.Two.Definition.Stop.Decide(ReportComposer.Compose(SampleExperiments.Two, results, [])));
    }
}

namespace Inference.Experiments;

/// <summary>Makes reports of what was stored.</summary>
public static class ReportComposer
{
    private static readonly double[] Shares = [0.5, 0.95, 0.99];

    /// <summary>The report.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="results">Its results in the order they came.</param>
    /// <param name="votes">Its votes.</param>
    public static ExperimentReport Compose(Experiment experiment, IReadOnlyList<ExperimentResult> results, IReadOnlyList<Vote> votes)
    {
        var (definition, arms) = (experiment.Definition, experiment.Definition.Arms);
        // Every arm but the reference is one more chance of a false alarm (Bonferroni).
        var alpha = definition.Stop.Alpha / (arms.Count - 1);
        var primary = results.Where(result => result.IsPrimary).ToArray();
        var pairs = PairedRuns.Of(results, definition.Reference);
        var quantiles = Enumerable.Range(0, arms.Count).Select(arm => Quantiles([.. primary.Where(result => result.Arm == arm).Select(result => result.LatencyMs).Order()])).ToArray();
        var differences = new List<ArmDifference>();
        var quantileDifferences = new List<QuantileDifference>();
        for (var arm = 0; arm < arms.Count; arm++)
        {
            if (arm == definition.Reference)
                continue;
            differences.AddRange(DifferencesOf(definition, arm, primary, pairs.Where(pair => pair.Treated.Arm == arm).ToArray(), alpha));
            foreach (var (share, bootstrap) in quantiles[arm])
                if (quantiles[definition.Reference].FirstOrDefault(entry => entry.Share == share).Bootstrap is { } reference)
                    quantileDifferences.Add(new(arm, share, bootstrap.Minus(reference, alpha)));
        }
        var summaries = Enumerable.Range(0, arms.Count).Select(arm => Summary(
            arm, results.Where(result => result.Arm == arm).ToArray(), arm == definition.Reference ? pairs.Select(pair => pair.Reference.Pair).Distinct().Count() : pairs.Count(pair => pair.Treated.Arm == arm), quantiles[arm], definition.Stop.Alpha)).ToArray();
        return new(experiment, summaries, differences, quantileDifferences, VoteCount.Of(definition, votes), ReportWarnings.Of(definition, summaries));
    }

    private static IEnumerable<ArmDifference> DifferencesOf(ExperimentDefinition definition, int arm, ExperimentResult[] primary, PairedRuns[] pairs, double alpha)
    {
        var share = definition.Arms[arm].Weight / (definition.Arms[arm].Weight + definition.Arms[definition.Reference].Weight);
        foreach (var metric in Metrics.All)
        {
            if (metric.InPairs)
            {
                var values = ByUnit.Means(pairs.Select(pair => (pair.Treated.Unit, metric.IsSimilarity ? metric.Value(pair.Treated) : metric.Value(pair.Treated) - metric.Value(pair.Reference))));
                if (values.Count > 0)
                    yield return new(arm, metric.Metric, metric.IsSimilarity ? DifferenceKind.Similarity : DifferenceKind.Paired, MeanEstimate.Of(values.Select(value => value.Value), alpha), IsDeciding(metric, definition, paired: true));
            }
            if (metric.IsSimilarity)
                continue;
            var observations = ByUnit.Means(primary.Where(result => result.Arm == arm || result.Arm == definition.Reference).Select(result => ((result.Unit, result.Arm), metric.Value(result))));
            if (BetweenArms.Of(observations.Select(value => new ArmObservation(value.Key.Arm == arm, value.Value)), share, alpha) is { } between)
                yield return new(arm, metric.Metric, DifferenceKind.Between, between, IsDeciding(metric, definition, paired: false));
        }
    }

    // One test decides, or there would be two chances of a false alarm.
    private static bool IsDeciding(MetricDescriptor metric, ExperimentDefinition definition, bool paired) =>
        metric.Metric == definition.Stop.Metric && paired == (definition.Pairing.Enabled && metric.InPairs);

    private static List<(double Share, QuantileBootstrap Bootstrap)> Quantiles(double[] sorted) =>
        sorted.Length == 0 ? [] : [.. Shares.Select(share => (share, new QuantileBootstrap(sorted, share)))];

    private static ArmSummary Summary(int arm, ExperimentResult[] runs, int pairs, List<(double Share, QuantileBootstrap Bootstrap)> latency, double alpha)
    {
        var primary = runs.Where(run => run.IsPrimary).ToArray();
        return new(
            arm, primary.Length, pairs, primary.Select(run => run.Unit).Distinct().Count(), [.. latency.Select(entry => (entry.Share, entry.Bootstrap.Interval(alpha)))],
            Metrics.All.ToDictionary(metric => metric.Metric, metric => Mean((metric.InPairs ? runs : primary).Select(metric.Value))),
            Mean(runs.Select(run => (double?)run.FullShare)), runs.Count(run => run.Similarity is { Psnr: double.PositiveInfinity }));
    }

    private static double? Mean(IEnumerable<double?> values)
    {
        var moments = Moments.Of(values.OfType<double>());
        return moments.Count == 0 ? null : moments.Mean;
    }
}

using Inference.LoadTest;

namespace Inference.Cli;

/// <summary>Runs and searches with live progress.</summary>
internal sealed class LoadTestSession(LoadTestPlan plan, ITarget target, TimeProvider time)
{
    public async Task<RunRecord> RunAsync(ILoad load, long seed, string label, CancellationToken stop)
    {
        var progress = new LiveProgress(label, load, plan.Slo, time);
        return await progress.ShowAsync(LoadRunner.RunAsync(load, plan.Mix, seed, target, time, progress, stop));
    }

    /// <summary>The report of a search: what was found, and the details of a probe at the rate found.</summary>
    public async Task<LoadReport> SearchAsync(RateSearchOptions options, ReportHeader header, CancellationToken stop)
    {
        var runs = new List<(double Rate, long Seed, RunRecord Run)>();
        var result = await RateSearch.RunAsync(
            options,
            async (rate, probe, token) =>
            {
                // Every probe has arrivals of its own: repetitions must not repeat the same luck.
                var run = await RunAsync(plan.LoadAt(rate), plan.Seed + probe, $"probe {probe + 1}, {ReportText.Rate(rate)}: ", token);
                runs.Add((rate, plan.Seed + probe, run));
                return run;
            },
            probe => Console.Error.WriteLine($"{ReportText.Rate(probe.Rate)}: {ReportText.Percent(probe.Attainment.Value)} of {probe.Requests} within {Units.Format(options.Slo.Within)}: {probe.Verdict.ToString().ToLowerInvariant()}"),
            stop);
        if (runs.Count == 0)
            throw new OperationCanceledException(stop);
        var shown = runs.LastOrDefault(run => run.Rate == result.Best);
        var (_, seed, run) = shown.Run is null ? runs[0] : shown;
        return LoadReport.Of(run, header with { Seed = seed }, result);
    }
}

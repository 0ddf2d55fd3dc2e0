namespace Inference.LoadTest;

/// <summary>
/// Looks for the highest rate that keeps an objective: doubling until one fails, then halving the gap on a logarithmic scale.
/// A rate whose interval covers the objective is probed again, and all its probes are judged together.
/// </summary>
public static class RateSearch
{
    /// <summary>Largest factor below the first rate at which the search gives up.</summary>
    private const double GiveUp = 1.0 / 64;

    /// <param name="probe">Runs one probe at a rate; the number counts probes from 0, for seeds of their own.</param>
    /// <param name="onProbe">Called after every judgement.</param>
    /// <exception cref="LoadTestException">An option is out of range.</exception>
    public static async Task<RateSearchResult> RunAsync(
        RateSearchOptions options, Func<double, int, CancellationToken, Task<RunRecord>> probe, Action<RateProbe>? onProbe, CancellationToken stop)
    {
        options.Validated();
        var judged = new SortedDictionary<double, RateProbe>();
        var hits = new Dictionary<double, List<bool>>();
        var (low, high, rate, complete) = (default(double?), default(double?), options.FirstRate, false);
        for (var count = 0; count < options.MaxProbes && !stop.IsCancellationRequested; count++)
        {
            var run = await probe(rate, count, stop);
            var series = hits.TryGetValue(rate, out var known) ? known : hits[rate] = [];
            series.AddRange(Judged(run, options));
            if (series.Count == 0 || run.Interrupted)
            {
                if (run.Interrupted)
                    break;
                // Too slow to have a single arrival: nothing is learnt, and repeating with other seeds is all there is to do.
                continue;
            }
            var result = Judge(rate, series, options, judged.TryGetValue(rate, out var before) ? before.Runs + 1 : 1);
            judged[rate] = result;
            onProbe?.Invoke(result);
            if (result.Verdict == RateVerdict.Undecided && result.Runs < options.Repetitions)
                continue;
            if (result.Attainment.Value >= options.Slo.Share)
                low = rate;
            else
                high = rate;
            if (low is not null && high is not null && high / low <= options.Resolution || rate >= Arrivals.MaxRate || low is null && rate <= options.FirstRate * GiveUp)
            {
                complete = low is not null && high is not null;
                break;
            }
            rate = Next(low, high);
        }
        var probes = judged.Values.ToArray();
        var failing = probes.Where(entry => entry.Verdict == RateVerdict.Fails).Select(entry => (double?)entry.Rate).FirstOrDefault();
        return new(
            options.Slo, low,
            probes.Where(entry => entry.Verdict == RateVerdict.Holds && !(entry.Rate > failing)).Select(entry => (double?)entry.Rate).LastOrDefault(),
            failing, probes, complete);
    }

    private static double Next(double? low, double? high) => (low, high) switch
    {
        (null, { } failing) => failing / 2,
        ({ } holding, null) => Math.Min(holding * 2, Arrivals.MaxRate),
        ({ } holding, { } failing) => Math.Sqrt(holding * failing),
        _ => throw new InvalidOperationException("A judged rate is a bound."),
    };

    private static IEnumerable<bool> Judged(RunRecord run, RateSearchOptions options)
    {
        var from = options.Probe / 5;
        return Summaries.Hits(run.Measurements.Where(measurement => measurement.Intended >= from), run.Unfinished.Where(request => request.Intended >= from), options.Slo);
    }

    private static RateProbe Judge(double rate, List<bool> hits, RateSearchOptions options, int runs)
    {
        var attainment = Shares.Of(hits);
        var verdict = attainment.Low >= options.Slo.Share ? RateVerdict.Holds : attainment.High < options.Slo.Share ? RateVerdict.Fails : RateVerdict.Undecided;
        return new(rate, runs, hits.Count, attainment, verdict);
    }
}

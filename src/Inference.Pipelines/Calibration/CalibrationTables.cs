using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>The tables of the policies from what plain runs showed.</summary>
internal static class CalibrationTables
{
    /// <summary>Degree of TeaCache's polynomials, as published.</summary>
    private const int Degree = 4;

    /// <summary>Mean relative error of the last stream that CG-Taylor's forecasts may have.</summary>
    private const double ForecastError = 0.04;

    private static readonly double[] Shares = [0.6, 0.5, 0.42, 0.36, 0.3, 0.25, 0.2, 0.16];

    /// <summary>Fills the tables of a run.</summary>
    public static CalibratedRun Fill(CalibratedRun run, IReadOnlyList<FeatureRecord> records)
    {
        var outputs = Rows(records, RecordedFeature.Output);
        run = run with { Similarities = [.. StepRatios.OfDirections(outputs).Select(Rounded)], Schedules = Schedules("lite", outputs) };
        var stacks = Rows(records, RecordedFeature.Stack);
        if (stacks.Length == 0)
            return run;
        var (streams, residuals) = (Rows(records, RecordedFeature.Stream), Rows(records, RecordedFeature.Residual));
        // The stream after the last block: the one after the first without its residual, and that of all blocks.
        var last = streams.Select((row, r) => (IReadOnlyList<float[]>)[.. row.Select((stream, step) => stream.Select((value, i) => value - residuals[r][step][i] + stacks[r][step][i]).ToArray())]).ToArray();
        return run with
        {
            Ratios = [.. StepRatios.OfSizes(stacks).Select(Rounded)],
            Polynomial = [.. PolynomialFit.Of([.. Rows(records, RecordedFeature.Modulated).Zip(outputs).SelectMany(row => Changes(row.First).Zip(Changes(row.Second)))], Degree)],
            ForecastThreshold = Rounded(ForecastThreshold.Of(streams, last, ForecastError)),
            Schedules = [.. Schedules("stack", stacks), .. run.Schedules],
        };
    }

    private static IReadOnlyList<float[]>[] Rows(IReadOnlyList<FeatureRecord> records, RecordedFeature feature) => [.. records.SelectMany(record => record.SeriesOf(feature))];

    // TeaCache's: mean|f - f'| / mean|f'| from each step to the next.
    private static IEnumerable<double> Changes(IReadOnlyList<float[]> steps) => steps.Zip(steps.Skip(1), (before, now) => StepRatios.Change(now, before));

    private static ImmutableArray<CalibratedSchedule> Schedules(string features, IReadOnlyList<IReadOnlyList<float[]>> rows)
    {
        var errors = ReuseErrors.Of(rows);
        var steps = rows[0].Count;
        return [.. Shares.Select(share => (int)Math.Round(share * steps)).Where(full => full > 1 && full < steps).Distinct().Select(full => new CalibratedSchedule(features, StepSchedule.Best(errors, full)))];
    }

    private static double Rounded(double value) => Math.Round(value, 6);
}

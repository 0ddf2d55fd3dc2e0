using Inference.Reports;

namespace Inference.Experiments;

/// <summary>Differences of one metric with their intervals, an arm a line; the line at 0 is the reference.</summary>
internal static class IntervalPlot
{
    /// <summary>An SVG element.</summary>
    /// <param name="name">What the axis shows.</param>
    /// <param name="rows">Arms with their estimates, at least one.</param>
    /// <param name="withZero">Whether 0 means anything.</param>
    public static string Draw(string name, IReadOnlyList<(string Arm, MeanEstimate Estimate)> rows, bool withZero)
    {
        var ends = rows.SelectMany(row => new[] { row.Estimate.Mean, row.Estimate.Low, row.Estimate.High, row.Estimate.FixedLow, row.Estimate.FixedHigh }).OfType<double>().Concat(withZero ? [0.0] : []).ToArray();
        var (from, to) = (ends.Min(), ends.Max());
        var margin = to > from ? 0.08 * (to - from) : Math.Max(1e-3, 0.1 * Math.Abs(from));
        var chart = new Chart(Axis.Between(from - margin, to + margin, name), new Axis(0, rows.Count, "", []));
        chart.Legend("always valid", "a").Legend("one look", "soft");
        if (withZero)
            chart.Segment(0, 0, 0, rows.Count, "soft", dashed: true);
        for (var i = 0; i < rows.Count; i++)
        {
            var (estimate, y) = (rows[i].Estimate, rows.Count - i - 0.5);
            if (estimate is { FixedLow: { } fixedLow, FixedHigh: { } fixedHigh })
                chart.Segment(fixedLow, y - 0.12, fixedHigh, y - 0.12, "soft");
            if (estimate is { Low: { } low, High: { } high })
                chart.Segment(low, y, high, y, "a");
            chart.Dot(estimate.Mean, y, "a", 4, 1).Label(estimate.Mean, y + 0.2, rows[i].Arm);
        }
        return chart.ToSvg($"{name}: difference from the reference with intervals");
    }
}

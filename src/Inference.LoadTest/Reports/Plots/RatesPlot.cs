using Inference.Reports;

namespace Inference.LoadTest;

/// <summary>What arrived and what was answered, over time.</summary>
internal sealed class RatesPlot : IPlot
{
    public string Title => "Rates and running requests over time";

    public string Caption => "Requests a second by slice of time: arrivals as intended, right answers when they came, failures. The thin line is the number of requests running at the end of each slice.";

    public string? Render(LoadReport report)
    {
        if (report.Requests.Count == 0)
            return null;
        var series = report.Series;
        var top = Math.Max(series.Max(slice => Math.Max(slice.Arrivals, Math.Max(slice.Completions, slice.Failures)) / slice.Seconds), series.Max(slice => slice.Running));
        var chart = new Chart(Axis.UpTo(series[^1].From + series[^1].Seconds, "s"), Axis.UpTo(top, "requests/s; running"))
            .Legend("arrivals", "soft").Legend("right answers", "a").Legend("running", "c");
        chart.Path(Steps(series, slice => slice.Arrivals / slice.Seconds), "soft", steps: true);
        chart.Path(Steps(series, slice => slice.Completions / slice.Seconds), "a", steps: true);
        chart.Path(series.Select(slice => (slice.From + slice.Seconds, (double?)slice.Running)), "c");
        if (report.Slo is not null)
            chart.Legend("met the objective, by arrival", "d").Path(Steps(series, slice => (slice.Good ?? 0) / slice.Seconds), "d", steps: true);
        if (report.Errors.Count > 0)
            chart.Legend("failures", "e").Path(Steps(series, slice => slice.Failures / slice.Seconds), "e", steps: true);
        return chart.ToSvg(Caption);
    }

    // The value of a slice is drawn along its whole width.
    private static IEnumerable<(double X, double? Y)> Steps(IReadOnlyList<TimeSlice> series, Func<TimeSlice, double> value) =>
        series.Select(slice => (slice.From + slice.Seconds, (double?)value(slice))).Prepend((0, value(series[0])));
}

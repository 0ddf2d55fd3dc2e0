using Inference.Reports;

namespace Inference.LoadTest;

/// <summary>Latency against percentile, the tail stretched.</summary>
internal sealed class DistributionPlot : IPlot
{
    private static readonly double[] Marks = [0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];

    public string Title => "Latency by percentile";

    public string Caption => "Right answers. Each step to the right halves what lies above. Bars are the 95 % confidence intervals of p50, p90, p95 and p99; an open end is one that the data cannot bound.";

    public string? Render(LoadReport report)
    {
        var sorted = report.Requests.Where(request => request.Failure is null).Select(request => request.Completed - request.Intended).Order().ToArray();
        if (sorted.Length < 2)
            return null;
        var end = Stretch(Math.Max(0.99, 1 - 0.5 / sorted.Length));
        var top = Math.Max(sorted[^1], report.Overall.Latency.Max(quantile => quantile.Seconds.High ?? 0));
        var x = new Axis(0, end, "percentile", [.. Marks.Where(mark => Stretch(mark) <= end).Select(mark => (Stretch(mark), $"p{(mark * 100).ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)}"))]);
        var chart = new Chart(x, Axis.UpTo(top, "latency, s"));
        chart.Path(Points(sorted).Select(point => (point.X, (double?)point.Y)), "a");
        foreach (var quantile in report.Overall.Latency)
        {
            var at = Stretch(quantile.Share);
            chart.Segment(at, quantile.Seconds.Low ?? 0, at, quantile.Seconds.High ?? top, "b").Dot(at, quantile.Seconds.Value, "b", 4, 1);
        }
        return chart.ToSvg(Caption);
    }

    private static double Stretch(double share) => -Math.Log2(1 - share);

    // A few hundred points, dense where the axis is.
    private static IEnumerable<(double X, double Y)> Points(double[] sorted)
    {
        var last = -1;
        for (var i = 0; i < sorted.Length; i++)
        {
            var x = Stretch((i + 0.5) / sorted.Length);
            if ((int)(x * 40) == last)
                continue;
            last = (int)(x * 40);
            yield return (x, sorted[i]);
        }
    }
}

using Inference.Reports;

namespace Inference.LoadTest;

/// <summary>Every request as a dot.</summary>
internal sealed class LatencyPlot : IPlot
{
    private const int MostDots = 4000;

    public string Title => "Latency of every request";

    public string Caption => "Seconds from the intended arrival, by intended arrival. Failures are red, at the time they took. The dashed line is the objective.";

    public string? Render(LoadReport report)
    {
        if (report.Requests.Count == 0)
            return null;
        var slo = report.Slo?.Within.TotalSeconds;
        var largest = report.Requests.Max(Latency);
        var last = Math.Max(report.Window, report.Requests[^1].Intended);
        var chart = new Chart(Axis.UpTo(last, "intended arrival, s"), Axis.UpTo(Math.Max(largest, slo is { } within && within < 3 * largest ? within : 0), "latency, s")).Legend("right answer", "a");
        foreach (var request in Thin(report.Requests))
            chart.Dot(request.Intended, Latency(request), request.Failure is null ? "a" : "e", request.Failure is null ? 2 : 3);
        if (report.Errors.Count > 0)
            chart.Legend("failure", "e");
        if (slo is { } line && line < 3 * largest)
            chart.Legend("objective", "b").Segment(0, line, last, line, "b", dashed: true);
        return chart.ToSvg(Caption);
    }

    // All failures and the slowest hundredth stay, so that no outlier is lost.
    private static IEnumerable<RequestRow> Thin(IReadOnlyList<RequestRow> requests)
    {
        if (requests.Count <= MostDots)
            return requests;
        var slow = Quantiles.OfSorted([.. requests.Select(Latency).Order()], 0.99);
        var every = (requests.Count + MostDots - 1) / MostDots;
        return requests.Where((request, i) => i % every == 0 || request.Failure is not null || Latency(request) >= slow);
    }

    private static double Latency(RequestRow request) => request.Completed - request.Intended;
}

using Inference.Reports;

namespace Inference.LoadTest;

/// <summary>One page that opens from disk: tables and plots, no scripts, nothing loaded.</summary>
internal sealed class HtmlReport : IReportFormat
{
    public string FileName => "report.html";

    public string Render(LoadReport report)
    {
        var page = new HtmlPage($"Load test of {report.Target}", "Load test", report.Target);
        foreach (var warning in report.Warnings)
            page.Warning(warning);
        page.Tiles(Tiles(report));
        foreach (var plot in Plots.All)
            if (plot.Render(report) is { } svg)
                page.Figure(plot.Title, plot.Caption, svg);
        foreach (var table in ReportText.Tables(report))
            page.Table(table);
        return page.ToString();
    }

    private static IEnumerable<(string Value, string Name)> Tiles(LoadReport report)
    {
        if (report.Search is { } search)
            yield return ($"{ReportText.Rate(search.Best)}", $"highest rate that keeps {search.Slo}");
        foreach (var quantile in report.Overall.Latency)
            yield return (ReportText.Seconds(quantile.Seconds.Value), $"p{quantile.Share * 100:0}");
        yield return (ReportText.Rate(report.Overall.Throughput), "throughput");
        if (report.Slo is not null)
        {
            yield return (ReportText.Rate(report.Overall.Goodput), "goodput");
            yield return (ReportText.Percent(report.Overall.Attainment?.Value), $"within {Units.Format(report.Slo.Within)}");
        }
        yield return ($"{report.Overall.Failed} of {report.Overall.Requests}", "failed");
    }
}

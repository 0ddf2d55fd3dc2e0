using System.Net;
using System.Text;

namespace Inference.LoadTest;

/// <summary>One page that opens from disk: tables and plots, no scripts, nothing loaded.</summary>
internal sealed class HtmlReport : IReportFormat
{
    private const string Style = """
        :root { color-scheme: light dark; --text: #1b1f24; --back: #ffffff; --soft: #667080; --line: #d8dde3; --panel: #f6f8fa;
          --a: #2563c9; --b: #d9480f; --c: #2f9e44; --d: #7048b6; --e: #c2255c; --f: #0c8599; --g: #946200; }
        @media (prefers-color-scheme: dark) { :root { --text: #e3e7ec; --back: #14171b; --soft: #98a2ae; --line: #333a42; --panel: #1c2127;
          --a: #6ea8fe; --b: #ff8f57; --c: #69db7c; --d: #b197fc; --e: #f783ac; --f: #66d9e8; --g: #ffd43b; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 960px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin-bottom: .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; }
        p.note, figcaption { color: var(--soft); margin: .2rem 0 .6rem; }
        .warning { border-left: 4px solid var(--b); background: var(--panel); padding: .5rem .8rem; margin: .5rem 0; }
        .tiles { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; }
        .tile { background: var(--panel); border-radius: 6px; padding: .5rem .9rem; } .tile b { display: block; font-size: 1.3rem; } .tile span { color: var(--soft); }
        .wide { overflow-x: auto; } table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
        td { font-variant-numeric: tabular-nums; } figure { margin: 0; } svg { width: 100%; height: auto; }
        """;

    public string FileName => "report.html";

    public string Render(LoadReport report)
    {
        var page = new StringBuilder($"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Load test of {Encode(report.Target)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<h1>Load test</h1>\n<p class=\"note\">{Encode(report.Target)}</p>\n");
        foreach (var warning in report.Warnings)
            page.Append($"<div class=\"warning\">{Encode(warning)}</div>\n");
        Tiles(page, report);
        foreach (var plot in Plots.All)
            if (plot.Render(report) is { } svg)
                page.Append($"<h2>{Encode(plot.Title)}</h2>\n<figure>\n<figcaption>{Encode(plot.Caption)}</figcaption>\n{svg}\n</figure>\n");
        foreach (var table in ReportText.Tables(report))
            Table(page, table);
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void Tiles(StringBuilder page, LoadReport report)
    {
        page.Append("<div class=\"tiles\">\n");
        if (report.Search is { } search)
            Tile($"{ReportText.Rate(search.Best)}", $"highest rate that keeps {search.Slo}");
        foreach (var quantile in report.Overall.Latency)
            Tile(ReportText.Seconds(quantile.Seconds.Value), $"p{quantile.Share * 100:0}");
        Tile(ReportText.Rate(report.Overall.Throughput), "throughput");
        if (report.Slo is not null)
        {
            Tile(ReportText.Rate(report.Overall.Goodput), "goodput");
            Tile(ReportText.Percent(report.Overall.Attainment?.Value), $"within {Units.Format(report.Slo.Within)}");
        }
        Tile($"{report.Overall.Failed} of {report.Overall.Requests}", "failed");
        page.Append("</div>\n");

        void Tile(string value, string name) => page.Append($"<div class=\"tile\"><b>{Encode(value)}</b><span>{Encode(name)}</span></div>\n");
    }

    private static void Table(StringBuilder page, ReportTable table)
    {
        page.Append($"<h2>{Encode(table.Title)}</h2>\n");
        if (table.Note is not null)
            page.Append($"<p class=\"note\">{Encode(table.Note)}</p>\n");
        page.Append("<div class=\"wide\"><table>\n");
        if (table.Columns.Any(column => column.Length > 0))
            page.Append("<tr>").AppendJoin("", table.Columns.Select(column => $"<th>{Encode(column)}</th>")).Append("</tr>\n");
        foreach (var row in table.Rows)
            page.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{Encode(cell)}</td>")).Append("</tr>\n");
        page.Append("</table></div>\n");
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}

using Inference.LoadTest;
using Spectre.Console;

namespace Inference.Cli;

/// <summary>The short form of a report for the terminal.</summary>
internal static class LoadTestOutput
{
    public static void Write(LoadReport report)
    {
        var overall = report.Overall;
        if (report.Search is { } search)
            Console.WriteLine(ReportText.Conclusion(search));
        var table = new Table().AddColumns(report.Load == LoadKind.OpenLoop ? "open loop" : "CLOSED LOOP", "", "95 % from", "to");
        table.AddRow("requests", $"{overall.Requests} ({overall.Succeeded} right, {overall.Failed} failed, {overall.Unfinished} unfinished)", "", "");
        table.AddRow("offered", ReportText.Rate(overall.OfferedRate), "", "");
        table.AddRow("throughput", ReportText.Rate(overall.Throughput), "", "");
        if (report.Slo is { } slo)
        {
            table.AddRow("goodput", ReportText.Rate(overall.Goodput), "", "");
            table.AddRow($"within {Units.Format(slo.Within)}", ReportText.Percent(overall.Attainment?.Value), ReportText.Percent(overall.Attainment?.Low), ReportText.Percent(overall.Attainment?.High));
        }
        foreach (var quantile in overall.Latency)
            table.AddRow($"p{quantile.Share * 100:0}", ReportText.Seconds(quantile.Seconds.Value), ReportText.Seconds(quantile.Seconds.Low), ReportText.Seconds(quantile.Seconds.High));
        foreach (var stage in report.Stages)
            table.AddRow($"mean {Markup.Escape(stage.Stage)}", ReportText.Seconds(stage.Mean), "", "");
        foreach (var error in report.Errors)
            table.AddRow($"[red]{Markup.Escape(error.Code)}[/]", $"{error.Count}", Markup.Escape(error.Example.Length <= 60 ? error.Example : error.Example[..60] + "..."), "");
        AnsiConsole.Write(table);
        foreach (var warning in report.Warnings)
            Console.Error.WriteLine($"note: {warning}");
    }
}

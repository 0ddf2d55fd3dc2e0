using System.Text;

namespace Inference.LoadTest;

/// <summary>Tables for pull requests and notes.</summary>
internal sealed class MarkdownReport : IReportFormat
{
    public string FileName => "report.md";

    public string Render(LoadReport report)
    {
        var text = new StringBuilder("# Load test\n\n");
        foreach (var warning in report.Warnings)
            text.Append("> **Note:** ").Append(Escape(warning)).Append("\n>\n");
        if (report.Warnings.Count > 0)
            text.Length -= 2;
        text.Append(report.Warnings.Count > 0 ? "\n" : "");
        foreach (var table in ReportText.Tables(report))
        {
            text.Append($"## {table.Title}\n\n");
            if (table.Note is not null)
                text.Append(Escape(table.Note)).Append("\n\n");
            Row(text, table.Columns);
            Row(text, [.. table.Columns.Select(_ => "---")]);
            foreach (var row in table.Rows)
                Row(text, row);
            text.Append('\n');
        }
        return text.Append("Plots are in report.html, every request is in report.json.\n").ToString();
    }

    private static void Row(StringBuilder text, string[] cells) => text.Append("| ").AppendJoin(" | ", cells.Select(Escape)).Append(" |\n");

    // Examples of errors come from servers: they must not make markup.
    private static string Escape(string cell) => cell.Replace("\\", "\\\\").Replace("|", "\\|").Replace("<", "&lt;").Replace("`", "\\`").Replace("\r", " ").Replace("\n", " ");
}

using System.Net;
using System.Text;

namespace Inference.Reports;

/// <summary>One page that opens from disk: tables, plots and pictures, no scripts, nothing loaded. All text is escaped.</summary>
public sealed class HtmlPage
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
        .wide { overflow-x: auto; } table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
        td { font-variant-numeric: tabular-nums; } figure { margin: 0; } svg { width: 100%; height: auto; }
        td img { display: block; border-radius: 4px; image-rendering: auto; }
        """;

    private readonly StringBuilder _page;

    /// <param name="title">Title of the page.</param>
    /// <param name="heading">Heading on it.</param>
    /// <param name="note">A line under the heading.</param>
    public HtmlPage(string title, string heading, string note) => _page = new StringBuilder(
        $"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{Encode(title)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<h1>{Encode(heading)}</h1>\n<p class=\"note\">{Encode(note)}</p>\n");

    /// <summary>Something the reader must know before the numbers.</summary>
    public void Warning(string text) => _page.Append($"<div class=\"warning\">{Encode(text)}</div>\n");

    /// <summary>A paragraph.</summary>
    public void Paragraph(string text) => _page.Append($"<p>{Encode(text)}</p>\n");

    /// <summary>Numbers that sum the page up.</summary>
    public void Tiles(IEnumerable<(string Value, string Name)> tiles)
    {
        _page.Append("<div class=\"tiles\">\n");
        foreach (var (value, name) in tiles)
            _page.Append($"<div class=\"tile\"><b>{Encode(value)}</b><span>{Encode(name)}</span></div>\n");
        _page.Append("</div>\n");
    }

    /// <summary>A plot.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="caption">How to read it.</param>
    /// <param name="svg">The drawing; goes in as it is.</param>
    public void Figure(string title, string caption, string svg) =>
        _page.Append($"<h2>{Encode(title)}</h2>\n<figure>\n<figcaption>{Encode(caption)}</figcaption>\n{svg}\n</figure>\n");

    /// <summary>A table.</summary>
    public void Table(ReportTable table)
    {
        Open(table.Title, table.Note, table.Columns);
        foreach (var row in table.Rows)
            _page.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{Encode(cell)}</td>")).Append("</tr>\n");
        _page.Append("</table></div>\n");
    }

    /// <summary>A table of pictures, which become part of the page.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="note">How to read it, or null.</param>
    /// <param name="columns">Names of the columns, the one of the rows' names first.</param>
    /// <param name="rows">Name of each row and its pictures.</param>
    public void Pictures(string title, string? note, string[] columns, IEnumerable<(string Name, IReadOnlyList<ReportPicture> Pictures)> rows)
    {
        Open(title, note, columns);
        foreach (var (name, pictures) in rows)
            _page.Append($"<tr><th>{Encode(name)}</th>").AppendJoin("", pictures.Select(Cell)).Append("</tr>\n");
        _page.Append("</table></div>\n");
    }

    /// <summary>The page.</summary>
    public override string ToString() => _page + "</body>\n</html>\n";

    private static string Cell(ReportPicture picture) =>
        $"<td><img width=\"{picture.Width}\" height=\"{picture.Height}\" alt=\"{Encode(picture.Description)}\" src=\"data:{Encode(picture.MediaType)};base64,{Convert.ToBase64String(picture.File)}\"><span class=\"note\">{Encode(picture.Caption)}</span></td>";

    private void Open(string title, string? note, string[] columns)
    {
        _page.Append($"<h2>{Encode(title)}</h2>\n");
        if (note is not null)
            _page.Append($"<p class=\"note\">{Encode(note)}</p>\n");
        _page.Append("<div class=\"wide\"><table>\n");
        if (columns.Any(column => column.Length > 0))
            _page.Append("<tr>").AppendJoin("", columns.Select(column => $"<th>{Encode(column)}</th>")).Append("</tr>\n");
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>A picture in a report.</summary>
/// <param name="File">The encoded picture.</param>
/// <param name="MediaType">image/png, image/jpeg or image/webp.</param>
/// <param name="Width">Width in pixels at which it is shown.</param>
/// <param name="Height">Height in pixels at which it is shown.</param>
/// <param name="Description">What it shows, for those who cannot see it.</param>
/// <param name="Caption">A line below it.</param>
public sealed record ReportPicture(byte[] File, string MediaType, int Width, int Height, string Description, string Caption);

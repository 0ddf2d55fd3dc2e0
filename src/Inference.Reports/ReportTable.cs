namespace Inference.Reports;

/// <summary>A table of a report.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Columns">Names of the columns; all empty for none.</param>
/// <param name="Rows">Cells.</param>
/// <param name="Note">How to read it, or null.</param>
public sealed record ReportTable(string Title, string[] Columns, IReadOnlyList<string[]> Rows, string? Note = null);

using System.Globalization;
using Inference.Reports;

namespace Inference.LoadTest;

/// <summary>Numbers as reports write them, and the tables that Markdown and HTML share.</summary>
public static class ReportText
{
    /// <summary>Three digits with a unit: <c>12.3 ms</c>, <c>1.23 s</c>; a dash for nothing.</summary>
    public static string Seconds(double? seconds) => seconds switch
    {
        null => "–",
        < 0.0995 => Invariant($"{seconds * 1000:0.0} ms"),
        < 0.9995 => Invariant($"{seconds * 1000:0} ms"),
        < 99.95 => Invariant($"{seconds:0.00} s"),
        _ => Invariant($"{seconds:0} s"),
    };

    public static string Rate(double? rate) => rate is null ? "–" : Invariant($"{rate:0.00}/s");

    public static string Percent(double? share) => share is null ? "–" : Invariant($"{share * 100:0.0} %");

    /// <summary>What a search found, in one sentence.</summary>
    public static string Conclusion(RateSearchResult search)
    {
        var best = search.Best is null ? $"No rate that was tried keeps {search.Slo}." : $"The highest rate that keeps {search.Slo} is about {Rate(search.Best)}.";
        var sure = (search.SureBelow, search.SureAbove) switch
        {
            ({ } low, { } high) => $"At 95 % confidence {Rate(low)} holds and {Rate(high)} fails; between them these probes cannot tell.",
            ({ } low, null) => $"At 95 % confidence {Rate(low)} holds; no rate that was tried surely fails.",
            (null, { } high) => $"At 95 % confidence {Rate(high)} fails; no rate was probed long enough to be sure that it holds.",
            _ => "No rate was probed long enough to be sure of anything at 95 % confidence.",
        };
        return $"{best} {sure}{(search.Complete ? "" : " The search ended before its bounds were close.")}";
    }

    internal static string Range(Estimate estimate, Func<double?, string> format) =>
        $"{format(estimate.Value)} ({(estimate.Low is null ? "?" : format(estimate.Low))} to {(estimate.High is null ? "?" : format(estimate.High))})";

    internal static IEnumerable<ReportTable> Tables(LoadReport report)
    {
        yield return ReportTables.Facts(report);
        if (report.Search is not null)
            yield return ReportTables.Search(report.Search);
        yield return ReportTables.Latencies(report);
        if (report.Kinds.Count > 1)
            yield return ReportTables.Kinds(report);
        if (report.Stages.Count > 0)
            yield return ReportTables.Stages(report);
        if (report.Errors.Count > 0)
            yield return ReportTables.Errors(report);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

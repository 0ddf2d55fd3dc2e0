using Inference.Reports;

namespace Inference.LoadTest;

/// <summary>Attainment against rate for every rate that was tried.</summary>
internal sealed class SearchPlot : IPlot
{
    public string Title => "Search for the highest rate";

    public string Caption => "Share of requests that met the objective at each rate tried, with 95 % confidence intervals. Green holds, red fails, grey is undecided. The dashed line is the share that the objective asks for.";

    public string? Render(LoadReport report)
    {
        if (report.Search is not { Probes.Count: > 0 } search)
            return null;
        var largest = search.Probes[^1].Rate;
        var least = Math.Min(search.Slo.Share, search.Probes.Min(probe => probe.Attainment.Low ?? 0)) * 100;
        var chart = new Chart(Axis.UpTo(largest, "requests/s"), Axis.Between(Math.Max(0, least - 3), 100, "attainment, %"));
        chart.Segment(0, search.Slo.Share * 100, largest, search.Slo.Share * 100, "b", dashed: true);
        foreach (var probe in search.Probes)
        {
            var colour = probe.Verdict switch { RateVerdict.Holds => "c", RateVerdict.Fails => "e", _ => "soft" };
            chart.Segment(probe.Rate, (probe.Attainment.Low ?? 0) * 100, probe.Rate, (probe.Attainment.High ?? 1) * 100, colour).Dot(probe.Rate, probe.Attainment.Value * 100, colour, 4, 1);
        }
        return chart.ToSvg(Caption);
    }
}

using Inference.Reports;

namespace Inference.LoadTest;

/// <summary>Mean and p95 of each stage that the server reports.</summary>
internal sealed class StagesPlot : IPlot
{
    public string Title => "Where the time goes";

    public string Caption => "Mean (bar) and p95 (line) of each stage as the server reports it, and of what it does not account for.";

    public string? Render(LoadReport report)
    {
        var stages = report.Stages.Where(stage => stage.Stage != StageSummary.Total).ToArray();
        if (stages.Length == 0)
            return null;
        var x = new Axis(0, stages.Length, "", [.. stages.Select((stage, i) => (i + 0.5, stage.Stage))]);
        var chart = new Chart(x, Axis.UpTo(stages.Max(stage => Math.Max(stage.Mean, stage.P95)), "s"));
        for (var i = 0; i < stages.Length; i++)
            chart.Bar(i + 0.25, 0, i + 0.75, Math.Max(0, stages[i].Mean), "a").Segment(i + 0.2, Math.Max(0, stages[i].P95), i + 0.8, Math.Max(0, stages[i].P95), "b");
        return chart.Legend("mean", "a").Legend("p95", "b").ToSvg(Caption);
    }
}

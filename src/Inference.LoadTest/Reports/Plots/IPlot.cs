namespace Inference.LoadTest;

/// <summary>A picture in a report.</summary>
internal interface IPlot
{
    string Title { get; }

    /// <summary>How to read it.</summary>
    string Caption { get; }

    /// <summary>An SVG element; null when the report has nothing to show in it.</summary>
    string? Render(LoadReport report);
}

/// <summary>The plots there are, in the order of the page.</summary>
internal static class Plots
{
    public static IReadOnlyList<IPlot> All { get; } = [new SearchPlot(), new LatencyPlot(), new DistributionPlot(), new RatesPlot(), new StagesPlot()];
}

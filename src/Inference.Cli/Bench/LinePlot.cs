using System.Globalization;
using System.Net;
using System.Text;

namespace Inference.Cli;

/// <summary>A line plot as SVG: series of points over a logarithmic x axis.</summary>
/// <param name="Title">Heading.</param>
/// <param name="XLabel">Name of the x axis.</param>
/// <param name="YLabel">Name of the y axis.</param>
internal sealed record LinePlot(string Title, string XLabel, string YLabel)
{
    private const int Width = 1060;
    private const int Height = 600;
    private const int Left = 70;
    private const int Right = 330;
    private const int Top = 50;
    private const int Bottom = 60;
    private static readonly string[] Colors = ["#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#e377c2", "#17becf", "#7f7f7f", "#bcbd22"];

    /// <summary>Where the x axis has ticks; null at every point.</summary>
    public IReadOnlyList<double>? Ticks { get; init; }

    /// <summary>Draws the series; each needs at least one point, x above 0.</summary>
    public string Draw(IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y)> Points)> series)
    {
        var all = series.SelectMany(entry => entry.Points).ToArray();
        var (x0, x1) = (Math.Log(all.Min(point => point.X)), Math.Log(all.Max(point => point.X)));
        var (y0, y1) = (Math.Floor(all.Min(point => point.Y) / 5) * 5, Math.Ceiling(all.Max(point => point.Y) / 5) * 5);
        double X(double value) => Left + (Math.Log(value) - x0) / Math.Max(x1 - x0, 1e-9) * (Width - Left - Right);
        double Y(double value) => Height - Bottom - (value - y0) / Math.Max(y1 - y0, 1e-9) * (Height - Top - Bottom);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"28\" font-size=\"17\">{Escape(Title)}</text>\n");
        foreach (var tick in (Ticks ?? [.. all.Select(point => point.X).Distinct().Order()]).Where(tick => Math.Log(tick) >= x0 && Math.Log(tick) <= x1))
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{X(tick):F1}\" x2=\"{X(tick):F1}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" stroke=\"#eee\"/><text x=\"{X(tick):F1}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{tick}</text>\n");
        for (var tick = y0; tick <= y1; tick += 5)
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):F1}\" y2=\"{Y(tick):F1}\" stroke=\"#ddd\"/><text x=\"{Left - 8}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\">{tick}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 15}\" text-anchor=\"middle\">{Escape(XLabel)}</text>\n<text transform=\"translate(20 {Height / 2}) rotate(-90)\" text-anchor=\"middle\">{Escape(YLabel)}</text>\n");
        for (var i = 0; i < series.Count; i++)
        {
            var (color, dash) = (Colors[i % Colors.Length], i < Colors.Length ? "" : " stroke-dasharray=\"6 3\"");
            var points = string.Join(' ', series[i].Points.OrderBy(point => point.X).Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):F1},{Y(point.Y):F1}")));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{dash}/>\n");
            foreach (var (x, level) in series[i].Points)
                svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(x):F1}\" cy=\"{Y(level):F1}\" r=\"3\" fill=\"{color}\"/>\n");
            var y = Top + 18 * i;
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Width - Right + 15}\" x2=\"{Width - Right + 40}\" y1=\"{y}\" y2=\"{y}\" stroke=\"{color}\" stroke-width=\"2\"{dash}/><text x=\"{Width - Right + 46}\" y=\"{y + 4}\">{Escape(series[i].Name)}</text>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}

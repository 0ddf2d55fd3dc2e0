using System.Globalization;
using System.Net;
using System.Text;

namespace Inference.Reports;

/// <summary>An SVG drawing with two axes; colours are the page's variables.</summary>
public sealed class Chart
{
    private const double Width = 920, Height = 300, Left = 64, Right = 16, Top = 28, Bottom = 40;

    private readonly Axis _x;
    private readonly Axis _y;
    private readonly StringBuilder _svg = new();
    private double _legend;

    public Chart(Axis x, Axis y)
    {
        (_x, _y) = (x, y);
        foreach (var (value, text) in y.Ticks)
        {
            Line(Left, Y(value), Width - Right, Y(value), "line", 1);
            Text(Left - 8, Y(value) + 4, text, "end");
        }
        foreach (var (value, text) in x.Ticks)
        {
            Line(X(value), Height - Bottom, X(value), Height - Bottom + 5, "soft", 1);
            Text(X(value), Height - Bottom + 18, text, "middle");
        }
        Text(Width - Right, Height - 4, x.Unit, "end");
        Text(4, 12, y.Unit, "start");
        _legend = 24 + 6.5 * y.Unit.Length;
    }

    /// <summary>An entry of the legend.</summary>
    public Chart Legend(string name, string colour)
    {
        _svg.Append(Invariant($"<rect x=\"{_legend:0.#}\" y=\"4\" width=\"10\" height=\"10\" fill=\"var(--{colour})\"/>"));
        Text(_legend + 15, 13, name, "start");
        _legend += 32 + 7.2 * name.Length;
        return this;
    }

    /// <summary>A line through points; a null value breaks it.</summary>
    public Chart Path(IEnumerable<(double X, double? Y)> points, string colour, bool steps = false)
    {
        var path = new StringBuilder();
        var open = false;
        foreach (var (x, y) in points)
        {
            if (y is { } value)
                path.Append(Invariant($"{(open ? steps ? "V" : "L" : "M")}{(open && steps ? "" : Invariant($"{X(x):0.#} "))}{Y(value):0.#}")).Append(open && steps ? Invariant($"H{X(x):0.#}") : "");
            open = y is not null;
        }
        _svg.Append($"<path d=\"{path}\" fill=\"none\" stroke=\"var(--{colour})\" stroke-width=\"1.8\"/>\n");
        return this;
    }

    /// <summary>An area between two lines.</summary>
    public Chart Band(IReadOnlyList<(double X, double Low, double High)> points, string colour)
    {
        var outline = points.Select(point => Invariant($"{X(point.X):0.#},{Y(point.High):0.#}")).Concat(points.Reverse().Select(point => Invariant($"{X(point.X):0.#},{Y(point.Low):0.#}")));
        _svg.Append($"<polygon points=\"{string.Join(' ', outline)}\" fill=\"var(--{colour})\" fill-opacity=\"0.18\"/>\n");
        return this;
    }

    public Chart Dot(double x, double y, string colour, double radius = 2, double opacity = 0.6)
    {
        _svg.Append(Invariant($"<circle cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" r=\"{radius:0.#}\" fill=\"var(--{colour})\" fill-opacity=\"{opacity:0.##}\"/>\n"));
        return this;
    }

    public Chart Segment(double x1, double y1, double x2, double y2, string colour, bool dashed = false)
    {
        Line(X(x1), Y(y1), X(x2), Y(y2), colour, 1.8, dashed ? " stroke-dasharray=\"6 4\"" : "");
        return this;
    }

    public Chart Bar(double x1, double y1, double x2, double y2, string colour)
    {
        var (left, top) = (Math.Min(X(x1), X(x2)), Math.Min(Y(y1), Y(y2)));
        _svg.Append(Invariant($"<rect x=\"{left:0.#}\" y=\"{top:0.#}\" width=\"{Math.Abs(X(x2) - X(x1)):0.##}\" height=\"{Math.Abs(Y(y2) - Y(y1)):0.##}\" fill=\"var(--{colour})\"/>\n"));
        return this;
    }

    /// <summary>Text above a point.</summary>
    public Chart Label(double x, double y, string text)
    {
        Text(X(x), Y(y), text, "middle");
        return this;
    }

    public string ToSvg(string description) =>
        $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(description)}\" font-size=\"12\" font-family=\"system-ui, sans-serif\">\n{_svg}</svg>";

    private double X(double value) => Left + _x.Place(value) * (Width - Left - Right);

    private double Y(double value) => Height - Bottom - _y.Place(value) * (Height - Top - Bottom);

    private void Line(double x1, double y1, double x2, double y2, string colour, double width, string more = "") =>
        _svg.Append(Invariant($"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" stroke=\"var(--{colour})\" stroke-width=\"{width:0.#}\"{more}/>\n"));

    private void Text(double x, double y, string text, string anchor) =>
        _svg.Append(Invariant($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" fill=\"var(--soft)\">{WebUtility.HtmlEncode(text)}</text>\n"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

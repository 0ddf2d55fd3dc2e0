using System.Globalization;

namespace Inference.Reports;

/// <summary>A linear scale with round ticks.</summary>
/// <param name="From">Value at the start.</param>
/// <param name="To">Value at the end; above <paramref name="From"/>.</param>
/// <param name="Unit">Behind the last tick's number.</param>
/// <param name="Ticks">Where lines and numbers are.</param>
public sealed record Axis(double From, double To, string Unit, IReadOnlyList<(double Value, string Text)> Ticks)
{
    /// <summary>From 0 to a round number at or above the largest value.</summary>
    public static Axis UpTo(double largest, string unit, bool wholeNumbers = false)
    {
        var step = Step(Math.Max(largest, 1e-9) / 5);
        if (wholeNumbers)
            step = Math.Max(1, step);
        var count = Math.Max(1, (int)Math.Ceiling(largest / step - 1e-9));
        return new(0, count * step, unit, [.. Enumerable.Range(0, count + 1).Select(i => (i * step, (i * step).ToString("0.######", CultureInfo.InvariantCulture)))]);
    }

    /// <summary>Between two values, ticks at round numbers within.</summary>
    public static Axis Between(double from, double to, string unit)
    {
        var step = Step((to - from) / 6);
        var first = Math.Ceiling(from / step - 1e-9);
        return new(from, to, unit, [.. Enumerable.Range(0, (int)Math.Floor(to / step - first + 1e-9) + 1).Select(i => ((first + i) * step, ((first + i) * step).ToString("0.######", CultureInfo.InvariantCulture)))]);
    }

    /// <summary>Place of a value, 0 to 1 within the axis.</summary>
    public double Place(double value) => (value - From) / (To - From);

    private static double Step(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return new[] { 1, 2, 5, 10 }.First(factor => factor * power >= least * (1 - 1e-9)) * power;
    }
}

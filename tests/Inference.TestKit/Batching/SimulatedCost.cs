using Inference.Batching;

namespace Inference.TestKit;

/// <summary>A device whose evaluations cost a fixed time and a time a row.</summary>
/// <param name="Milliseconds">Of every evaluation.</param>
/// <param name="RowMilliseconds">Of every row.</param>
public sealed record SimulatedCost(double Milliseconds, double RowMilliseconds)
{
    /// <summary>Like a GPU at small pictures: batching pays.</summary>
    public static SimulatedCost Batching { get; } = new(6, 0.2);

    /// <summary>Batching gains nothing.</summary>
    public static SimulatedCost Linear { get; } = new(0, 1);

    public TimeSpan Of(int rows) => TimeSpan.FromMilliseconds(Milliseconds + RowMilliseconds * rows);

    /// <summary>Fills in the curve that warm-up would have learnt.</summary>
    public void Learn(CostCurves curves, int maxRows)
    {
        var sizes = Enumerable.Range(0, 12).Select(power => 1 << power).Where(size => size <= maxRows);
        curves.Of(SimulatedRequest.DefaultKey).Restore(sizes.Select(size => new CostPoint(size, Of(size).TotalMilliseconds)));
    }
}

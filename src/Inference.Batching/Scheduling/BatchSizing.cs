namespace Inference.Batching;

/// <summary>How many rows a batch takes at most.</summary>
internal static class BatchSizing
{
    /// <summary>
    /// The curve's cap, or, when more rows wait than that, all of them up to <paramref name="maxRows"/> where one batch ends the waiting sooner on the
    /// average than batches of the cap one after another.
    /// </summary>
    /// <param name="curve">Measured cost; until it is learnt the cap is <paramref name="maxRows"/>.</param>
    /// <param name="waitingRows">Rows that wait now.</param>
    /// <param name="maxRows">Largest batch allowed.</param>
    public static int RowLimit(CostCurve curve, int waitingRows, int maxRows)
    {
        var cap = curve.Cap(maxRows);
        var rows = Math.Min(waitingRows, maxRows);
        if (rows <= cap)
            return cap;
        var (elapsed, apart) = (0.0, 0.0);
        for (var left = rows; left > 0; left -= cap)
        {
            var size = Math.Min(cap, left);
            elapsed += curve.Milliseconds(size);
            apart += size * elapsed;
        }
        return rows * curve.Milliseconds(rows) <= apart ? rows : cap;
    }
}

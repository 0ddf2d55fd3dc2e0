namespace Inference.Batching;

/// <summary>
/// How many evaluations a request may ask for side by side: the rows that cost next to nothing by the measured curve, after those that run anyway. A request
/// alone may take rows as long as each costs at most a tenth of what it costs by itself; in company, as long as the batch hardly grows longer for the others.
/// One where rows are not that cheap, and where nothing has been measured.
/// </summary>
internal static class WindowWidth
{
    /// <summary>Most that a row beside the request's own may cost, in what a row costs when it runs alone.</summary>
    public const double NextToNothing = 0.1;

    /// <summary>Most that a batch may grow longer for others that are in it, or wait for the device.</summary>
    public const double Unnoticed = 0.01;

    /// <param name="curve">Measured cost of the batches that the request's rows are in.</param>
    /// <param name="maxRows">Largest batch.</param>
    /// <param name="rows">Rows of one evaluation of the request, ≥ 1.</param>
    /// <param name="others">Rows of others in the same batches, those of their wide groups that they could do without left out.</param>
    /// <param name="sharers">Requests that share what is free, this one included, ≥ 1.</param>
    /// <param name="isAlone">Whether no other request runs on the device.</param>
    public static int Of(CostCurve curve, int maxRows, int rows, int others, int sharers, bool isAlone)
    {
        var needed = rows + others;
        var time = curve.Milliseconds(needed);
        if (time <= 0)
            return 1;
        var free = 0;
        for (var candidate = needed + rows; candidate <= maxRows; candidate += rows)
            if (curve.Milliseconds(candidate) - time <= Allowed(time, candidate - needed))
                free = candidate - needed;
        return 1 + free / rows / sharers;

        double Allowed(double milliseconds, int extra) => isAlone ? NextToNothing * extra * milliseconds / needed : Unnoticed * milliseconds;
    }
}

using Inference.Sampling;

namespace Inference.Batching;

/// <summary>Has a network evaluate rows of one size until its memory at that size is known: one row, or more where an earlier batch hides what one needs.</summary>
/// <param name="network">The network on its device.</param>
/// <param name="curve">What its evaluations teach.</param>
public sealed class MemoryLearner(BatchNetwork network, MemoryCurve curve)
{
    // What hides is the check of a graph at load, which has few rows of little pictures: so many positions come out of its shade.
    private const long Enough = 4096;

    /// <summary>Learns the size of rows with this conditioning; nothing is evaluated where it is known.</summary>
    /// <param name="key">What the rows have in common.</param>
    /// <param name="conditioning">Conditioning of every row.</param>
    /// <param name="timestep">Timestep of every row.</param>
    /// <param name="cancellationToken">Ends it between evaluations.</param>
    /// <exception cref="EvaluationException">The device failed.</exception>
    public async Task LearnAsync(BatchKey key, Conditioning conditioning, double timestep, CancellationToken cancellationToken)
    {
        var positions = (long)key.Shape.Height * key.Shape.Width;
        for (var rows = 1; (rows == 1 || rows * positions <= Enough) && rows <= network.Options.MaxRows && !curve.Points.Any(point => point.Positions == positions); rows *= 2)
        {
            using var lane = network.OpenLane(key, LaneSharing.Solo, "warm-up");
            using var group = new WarmUpGroup(rows, key.Shape, conditioning, timestep);
            await lane.EvaluateAsync(group.Rows, cancellationToken);
        }
    }
}

using Inference.Sampling;

namespace Inference.Batching;

/// <summary>Measures the cost curve of a key at warm-up: batches of doubling size, each a few times, until the time is up or larger ones gain nothing.</summary>
/// <param name="network">The network on its device; the batcher's timing of the batches makes the curve.</param>
/// <param name="time">Clock of the budget.</param>
public sealed class CostCurveLearner(BatchNetwork network, TimeProvider time)
{
    // The first evaluation of a size pays for bindings and is not counted by the curve.
    private const int EvaluationsPerSize = 4;

    /// <summary>After so many doublings without better throughput larger batches are not tried.</summary>
    internal const int DoublingsWithoutGain = 2;

    /// <summary>Learns the curve of rows with this conditioning.</summary>
    /// <param name="key">What the rows have in common.</param>
    /// <param name="conditioning">Conditioning of every row.</param>
    /// <param name="timestep">Timestep of every row.</param>
    /// <param name="budget">No evaluation starts that is expected to end later than this.</param>
    /// <param name="cancellationToken">Ends the measurement between evaluations.</param>
    /// <exception cref="EvaluationException">The device failed.</exception>
    public async Task LearnAsync(BatchKey key, Conditioning conditioning, double timestep, TimeSpan budget, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var curve = network.Curves.Of(key);
        var (bestSize, bestRate) = (0, 0.0);
        for (var size = 1; size <= network.MaxRows(key.Shape) && (size >> DoublingsWithoutGain) <= Math.Max(1, bestSize); size *= 2)
        {
            // Twice the rows take at most about twice the time.
            var expected = TimeSpan.FromMilliseconds(size == 1 ? 0 : 2 * curve.Milliseconds(size / 2));
            await MeasureAsync(size, expected);
            if (curve.Milliseconds(size) is var cost && cost > 0 && size / cost > bestRate)
                (bestSize, bestRate) = (size, size / cost);
        }

        async Task MeasureAsync(int size, TimeSpan expected)
        {
            using var lane = network.OpenLane(key, LaneSharing.Solo, "warm-up");
            using var group = new WarmUpGroup(size, key.Shape, conditioning, timestep);
            for (var i = 0; i < EvaluationsPerSize && time.GetElapsedTime(started) + expected <= budget; i++)
                await lane.EvaluateAsync(group.Rows, cancellationToken);
        }
    }
}

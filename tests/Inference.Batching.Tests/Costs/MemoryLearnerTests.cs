using Inference.Sampling;

namespace Inference.Batching.Tests;

public sealed class MemoryLearnerTests
{
    private static readonly Conditioning Text = new([ConditioningTensor.Of("c", [1], new float[1])]);

    [Theory]
    [InlineData(8, 0, "1")]
    [InlineData(8, 3 * 64, "1 2 4")]
    // What is hidden behind more than the check of a graph at load is left alone.
    [InlineData(8, 1_000_000, "1 2 4 8 16 32")]
    [InlineData(32, 1_000_000, "1 2 4")]
    [InlineData(128, 1_000_000, "1")]
    public async Task Rows_AreDoubled_UntilTheyShow(int side, int hidden, string expected)
    {
        var device = new Arena { Most = hidden };
        using var batcher = new StepBatcher("test", new(), TimeProvider.System);
        using var network = batcher.Attach("test", device);
        var key = new BatchKey(BatchKey.Full, new LatentShape(1, side, side), Text.ShapeKey);
        await new MemoryLearner(network, device.Curve).LearnAsync(key, Text, 1, default);
        Assert.Equal(expected, string.Join(' ', device.Rows));
        Assert.Equal(0, network.OpenLanes);
        if (device.Curve.Points.IsEmpty)
            return;
        // A size that is known is not evaluated again.
        await new MemoryLearner(network, device.Curve).LearnAsync(key, Text, 1, default);
        Assert.Equal(expected, string.Join(' ', device.Rows));
    }

    // Needs a byte a position, and shows only what exceeds its most.
    private sealed class Arena : IBatchEvaluator
    {
        public List<int> Rows { get; } = [];

        public MemoryCurve Curve { get; } = new();

        public long Most { get; set; }

        public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows)
        {
            Rows.Add(rows.Length);
            var positions = key.Shape.Height * key.Shape.Width;
            if (rows.Length * positions <= Most)
                return;
            Most = rows.Length * positions;
            Curve.Record(rows.Length, positions, Most);
        }

        public void Dispose()
        {
        }
    }
}

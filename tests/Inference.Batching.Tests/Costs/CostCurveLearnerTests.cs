using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Batching.Tests;

public sealed class CostCurveLearnerTests
{
    private static readonly LatentShape Shape = new(1, 1, 2);
    private static readonly Conditioning Text = new([ConditioningTensor.Of("c", [1], new float[1])]);
    private static readonly BatchKey Key = new(BatchKey.Full, Shape, Text.ShapeKey);

    [Fact]
    public async Task Curve_IsTheDevices()
    {
        var curve = await LearnAsync(new(6, 0.2), budget: 10_000);
        Assert.Equal([1, 2, 4, 8, 16, 32], curve.Points.Select(point => point.Rows));
        Assert.All(curve.Points, point => Assert.Equal(6 + 0.2 * point.Rows, point.Milliseconds, 3));
    }

    [Fact]
    public async Task Measuring_StopsWhereMoreRowsGainNothing()
    {
        var curve = await LearnAsync(new(0, 5), budget: 10_000);
        Assert.Equal([1, 2, 4], curve.Points.Select(point => point.Rows));
        Assert.Equal(1, curve.Cap(32));
    }

    [Fact]
    public async Task Measuring_KeepsItsBudget()
    {
        var time = new ManualTime();
        var curve = await LearnAsync(new(100, 0), budget: 1000, time);
        Assert.InRange(time.GetElapsedTime(0), TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(1000.1));
        Assert.NotEmpty(curve.Points);
    }

    private static async Task<CostCurve> LearnAsync(SimulatedCost cost, double budget, ManualTime? time = null)
    {
        time ??= new();
        using var batcher = new StepBatcher("test", new(), time);
        using var network = batcher.Attach("test", new SlowDevice(cost, time));
        await new CostCurveLearner(network, time).LearnAsync(Key, Text, 1, TimeSpan.FromMilliseconds(budget), default);
        Assert.Equal(0, network.OpenLanes);
        return network.Curves.Of(Key);
    }

    private sealed class SlowDevice(SimulatedCost cost, ManualTime time) : IBatchEvaluator
    {
        public void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows) => time.Advance(cost.Of(rows.Length));

        public void Dispose()
        {
        }
    }
}

using Inference.Batching;
using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Onnx.Tests;

/// <summary>Nothing else may run meanwhile: pinned memory is counted for the whole process.</summary>
[CollectionDefinition(nameof(PinnedBytesTests), DisableParallelization = true)]
public sealed class RunsAlone;

/// <summary>Pinned memory is counted, and returned with the network.</summary>
[Collection(nameof(PinnedBytesTests))]
public sealed class PinnedBytesTests
{
    [Fact]
    public void PinnedMemory_GrowsWithBatchSizes_AndGoesWithTheNetwork()
    {
        var before = SessionFactory.PinnedBytes;
        var (shape, text) = (new LatentShape(8, 16, 16), new Conditioning([ConditioningTensor.Of("encoder_hidden_states", [40, 256], new float[40 * 256])]));
        var key = new BatchKey(BatchKey.Full, shape, text.ShapeKey);
        var sizes = new List<long>();
        using (var evaluator = new DenoiserEvaluator(TestSessions.Cpu.Open(Repository.PathOf("models", "pictogram-128", "transformer", "model.onnx")), new() { OutputChannels = 8 }))
            foreach (var count in new[] { 1, 2, 2, 1 })
            {
                NetworkRow[] rows = [.. Enumerable.Range(0, count).Select(_ => new NetworkRow(Latent.From(shape, new float[shape.Length]), 500, text, Latent.Rent(shape)))];
                evaluator.Evaluate(key, rows);
                sizes.Add(SessionFactory.PinnedBytes - before);
            }
        // Latent in and out, text, and the timestep, of each row.
        const long Row = (2 * 8 * 16 * 16 + 40 * 256) * sizeof(float);
        Assert.InRange(sizes[0], Row, Row + 64);
        Assert.Equal(3 * sizes[0], sizes[1]);
        Assert.Equal([sizes[1], sizes[1]], sizes[2..]);
        Assert.Equal(before, SessionFactory.PinnedBytes);
    }

    [Fact]
    public void MemoryOnADevice_IsCounted_AndGoesWithTheBinding()
    {
        using var folder = new TemporaryFolder();
        using var graph = StagedProvider.Sessions(1).Open(folder.Write("model.onnx", TinyGraph.Model(
            TinyGraph.Node("Identity", ["x"], "y"), TinyGraph.Input("x", OnnxType.Float, 3), TinyGraph.Output("y", OnnxType.Float, 3))));
        var before = SessionFactory.DeviceBytes;
        using (graph.Bind(new Dictionary<string, long[]> { ["x"] = [3] }, new Dictionary<string, long[]> { ["y"] = [3] }))
            Assert.Equal(before + 2 * 3 * sizeof(float), SessionFactory.DeviceBytes);
        Assert.Equal(before, SessionFactory.DeviceBytes);
    }
}

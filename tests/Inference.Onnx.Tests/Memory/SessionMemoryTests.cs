using Inference.Batching;
using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Onnx.Tests;

public sealed class SessionMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Statistics_AreExact()
    {
        // a lies beside b until the sum is made, and the result in the caller's buffer.
        using var graph = TestSessions.Cpu.Open(_folder.Write("model.onnx", TinyGraph.Model(
            TinyGraph.Node("Exp", ["x"], "a"),
            TinyGraph.Node("Mul", ["a", "x"], "b"),
            TinyGraph.Node("Add", ["a", "b"], "y"),
            TinyGraph.Input("x", OnnxType.Float, "batch", "n"),
            TinyGraph.Output("y", OnnxType.Float, "batch", "n"))));
        const int Small = 1 << 16, Large = 1 << 20;
        var idle = graph.Usage.Read()!.Value;
        foreach (var (rows, length) in new[] { (1, Small), (1, Large), (2, Large) })
        {
            Run(rows, length);
            var now = graph.Usage.Read()!.Value;
            Assert.Equal(idle.InUse, now.InUse);
            Assert.InRange(now.MaxInUse - now.InUse, 2 * sizeof(float) * rows * length, 2 * sizeof(float) * rows * length + 4096);
        }
        Assert.Equal(3, graph.Usage.Curve.Points.Length);
        // A smaller batch is hidden behind them.
        Run(1, Small / 2);
        Assert.Equal(3, graph.Usage.Curve.Points.Length);
        Assert.Equal(2.0 * sizeof(float), (double)graph.Usage.Curve.Bytes(4, Large)! / (4 * Large), 0.01);

        void Run(int rows, int length)
        {
            using var run = graph.Bind(new Dictionary<string, long[]> { ["x"] = [rows, length] }, new Dictionary<string, long[]> { ["y"] = [rows, length] });
            graph.Usage.Run(run, rows, length);
        }
    }

    // Arenas hand out blocks of up to twice what was asked for, at most 128 MiB more: predictions are rough where all is small, and exact where it is not.
    [Theory]
    [InlineData("sd15", 0.5, 2)]
    [InlineData("sdxl", 0.5, 2)]
    [InlineData("sd3", 0.5, 2)]
    [InlineData("flux", 0.5, 2)]
    public void Network_NeedsWhatTwoSmallerSizesSay_AtAThird(string name, double least, double most) => Compare(name, [(24, 4), (40, 2)], (64, 1), least, most);

    [Fact]
    public void Network_OfARealModelsSize_NeedsWhatTwoSmallerSizesSay_WithinAQuarter() => Compare("sd15", [(64, 8), (96, 4)], (128, 1), 0.75, 1.25);

    [Fact]
    public void FixedNetwork_IsKnownFromItsCheckAtLoad()
    {
        using var evaluator = TestDenoisers.Open("pictogram-128", out _, out _);
        Assert.Equal((SampleRows.Count, 256L), (evaluator.Memory.Points[^1].Rows, evaluator.Memory.Points[^1].Positions));
        Assert.NotNull(evaluator.Memory.Bytes(8, 256));
        Assert.Null(evaluator.Memory.Bytes(1, 257));
    }

    public void Dispose() => _folder.Dispose();

    private static void Compare(string name, (int Side, int Rows)[] known, (int Side, int Rows) asked, double least, double most)
    {
        using var evaluator = TestDenoisers.Open(name, out _, out _);
        foreach (var (side, rows) in known)
            Evaluate(evaluator, side, rows);
        // A session of its own, so that nothing is hidden.
        using var measured = TestDenoisers.Open(name, out _, out _);
        Evaluate(measured, asked.Side, asked.Rows);
        var real = Assert.Single(measured.Memory.Points).Bytes;
        Assert.InRange((double)evaluator.Memory.Bytes(asked.Rows, asked.Side * asked.Side)! / real, least, most);
    }

    private static void Evaluate(DenoiserEvaluator evaluator, int side, int rows)
    {
        var (shape, conditioning) = TestDenoisers.Sized(evaluator.Graph, side);
        var all = new NetworkRow[rows];
        for (var i = 0; i < rows; i++)
        {
            var input = Latent.Rent(shape);
            input.Values.Clear();
            all[i] = new(input, 500, conditioning, Latent.Rent(shape));
        }
        evaluator.Evaluate(new(BatchKey.Full, shape, conditioning.ShapeKey), all);
        foreach (var row in all)
        {
            row.Input.Dispose();
            row.Output.Dispose();
        }
    }
}

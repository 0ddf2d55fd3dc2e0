using Inference.Batching;
using Inference.Sampling;
using Inference.TestKit;

namespace Inference.Onnx.Tests;

public sealed class DenoiserEvaluatorTests : IDisposable
{
    private static readonly DenoiserOptions Options = new() { OutputChannels = 1 };
    private static readonly LatentShape Shape = new(1, 1, 2);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Evaluate_HandsEveryRowItsInputTimestepAndConditioning()
    {
        using var evaluator = new DenoiserEvaluator(Graph(OnnxType.Float), Options);
        NetworkRow[] rows = [Row([1, 2], 10, [100]), Row([3, 4], 20.5, [200])];
        evaluator.Evaluate(KeyOf(rows[0]), rows);
        Assert.Equal([111f, 112f], rows[0].Output.Values.ToArray());
        Assert.Equal([223.5f, 224.5f], rows[1].Output.Values.ToArray());
        // Other values in the same bound buffers.
        NetworkRow[] again = [Row([0, 0], 0, [1]), Row([0, 0], 1, [1])];
        evaluator.Evaluate(KeyOf(again[0]), again);
        Assert.Equal([1f, 1f, 2f, 2f], again.SelectMany(row => row.Output.Values.ToArray()));
    }

    [Fact]
    public void Evaluate_RoundsTimestepsForAGraphOfWholeOnes()
    {
        using var evaluator = new DenoiserEvaluator(Graph(OnnxType.Int64), Options);
        NetworkRow[] rows = [Row([0, 0], 10.6, [0])];
        evaluator.Evaluate(KeyOf(rows[0]), rows);
        Assert.Equal([11f, 11f], rows[0].Output.Values.ToArray());
    }

    [Fact]
    public void Evaluate_WithoutAConditioningTheGraphWants_NamesIt()
    {
        using var evaluator = new DenoiserEvaluator(Graph(OnnxType.Float), Options);
        var row = new NetworkRow(Latent.From(Shape, [1, 2]), 1, new([]), Latent.Rent(Shape));
        Assert.Contains("text: Float32[-1,1]", Assert.Throws<EvaluationException>(() => evaluator.Evaluate(KeyOf(row), [row])).Message);
    }

    [Fact]
    public void Evaluate_AConditioningOfAnotherShape_NamesIt()
    {
        using var evaluator = new DenoiserEvaluator(Graph(OnnxType.Float), Options);
        var row = Row([1, 2], 1, [1, 2]);
        Assert.Contains("text: Float32[-1,1] does not take the shape [1,2]", Assert.Throws<EvaluationException>(() => evaluator.Evaluate(KeyOf(row), [row])).Message);
    }

    [Fact]
    public void Evaluate_ThatTheProviderFails_IsTold_AndAFreshSessionServesAfterRenewal()
    {
        var opened = 0;
        using var evaluator = new DenoiserEvaluator(Reshaping(), Options, () =>
        {
            opened++;
            return Reshaping();
        });
        var (good, bad) = (Row([1, 2], 10, [2]), Row([1, 2], 10, [3]));
        evaluator.Evaluate(KeyOf(good), [good]);
        // Two values cannot be reshaped to three; the runtime finds out when it runs.
        Assert.Contains("Reshape", Assert.Throws<ProviderFailedException>(() => evaluator.Evaluate(KeyOf(bad), [bad])).Message);
        evaluator.Renew();
        evaluator.Renew();
        Assert.Equal(0, opened);
        good.Output.Values.Clear();
        evaluator.Evaluate(KeyOf(good), [good]);
        Assert.Equal(1, opened);
        Assert.Equal([11f, 12f], good.Output.Values.ToArray());
    }

    [Fact]
    public void Renew_ThatCannotReopen_IsAProviderFailure_UntilItCan()
    {
        var broken = true;
        using var evaluator = new DenoiserEvaluator(Reshaping(), Options, () => broken
            ? TestSessions.Cpu.Open(_folder.Write("broken.onnx", [1, 2, 3]))
            : Reshaping());
        var row = Row([1, 2], 10, [2]);
        evaluator.Renew();
        Assert.ThrowsAny<Exception>(() => evaluator.Evaluate(KeyOf(row), [row]));
        broken = false;
        evaluator.Evaluate(KeyOf(row), [row]);
        Assert.Equal([11f, 12f], row.Output.Values.ToArray());
    }

    [Theory]
    [InlineData("image", "expected an input named 'sample' or 'hidden_states'")]
    [InlineData("sample", "expected an input named 'timestep'")]
    public void Constructor_OfAGraphThatIsNoDenoiser_SaysWhatIsMissing(string input, string message)
    {
        using var graph = TestSessions.Cpu.Open(_folder.Write("other.onnx", TinyGraph.Model(
            TinyGraph.Node("Identity", [input], "out_sample"), TinyGraph.Input(input, OnnxType.Float, 1), TinyGraph.Output("out_sample", OnnxType.Float, 1))));
        Assert.Contains(message, Assert.Throws<GraphException>(() => new DenoiserEvaluator(graph, Options)).Message);
    }

    [Fact]
    public void Evaluate_OfTheEmbeddedTransformer_AllocatesNothingInSteadyState()
    {
        using var evaluator = new DenoiserEvaluator(TestSessions.Cpu.Open(Repository.PathOf("models", "pictogram-128", "transformer", "model.onnx")), new() { OutputChannels = 8 });
        var (shape, text) = (new LatentShape(8, 16, 16), new Conditioning([ConditioningTensor.Of("encoder_hidden_states", [40, 256], new float[40 * 256])]));
        NetworkRow[] rows = [.. Enumerable.Range(0, 2).Select(i => new NetworkRow(Latent.From(shape, new float[shape.Length]), 500 + i, text, Latent.Rent(shape)))];
        var key = new BatchKey(BatchKey.Full, shape, text.ShapeKey);
        for (var i = 0; i < 3; i++)
            evaluator.Evaluate(key, rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 5; i++)
            evaluator.Evaluate(key, rows);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose() => _folder.Dispose();

    private static BatchKey KeyOf(NetworkRow row) => new(BatchKey.Full, Shape, row.Conditioning.ShapeKey);

    private static NetworkRow Row(float[] values, double timestep, float[] text) =>
        new(Latent.From(Shape, values), timestep, new([ConditioningTensor.Of("text", [text.Length], text)]), Latent.Rent(Shape));

    // out_sample = sample, reshaped to as many values as text says and back, + timestep.
    private GraphSession Reshaping()
    {
        var toLong = Protobuf.Field(5, Protobuf.Field(1, "to"), Protobuf.Number(3, (ulong)OnnxType.Int64), Protobuf.Number(20, 2));
        return TestSessions.Cpu.Open(_folder.Write("reshaping.onnx", TinyGraph.Model(
            TinyGraph.Node("Cast", ["text"], "count", toLong),
            TinyGraph.Node("Reshape", ["count", "one"], "counts"),
            TinyGraph.Node("Reshape", ["sample", "counts"], "flat"),
            // Two reshapes in a row would be made one.
            TinyGraph.Node("Neg", ["flat"], "negative"),
            TinyGraph.Node("Reshape", ["negative", "planes"], "back"),
            TinyGraph.Node("Sub", ["timestep", "back"], "out_sample"),
            Constant("one", 1, [-1]),
            Constant("planes", 4, [1, 1, 1, 2]),
            TinyGraph.Input("sample", OnnxType.Float, "n", 1, 1, 2),
            TinyGraph.Input("timestep", OnnxType.Float, "n"),
            TinyGraph.Input("text", OnnxType.Float, "n", 1),
            TinyGraph.Output("out_sample", OnnxType.Float, "n", 1, 1, 2))));
    }

    private static byte[] Constant(string name, int length, long[] values) => Protobuf.Field(5, Protobuf.Join(
        Protobuf.Number(1, (ulong)length), Protobuf.Number(2, (ulong)OnnxType.Int64), Protobuf.Field(8, name), Protobuf.Field(9, [[.. values.SelectMany(BitConverter.GetBytes)]])));

    // out_sample = sample + timestep + text, each broadcast over its row.
    private GraphSession Graph(OnnxType timestep)
    {
        // AttributeProto: name 1, i 3, type 20 (INT is 2); Cast to float.
        var toFloat = Protobuf.Field(5, Protobuf.Field(1, "to"), Protobuf.Number(3, (ulong)OnnxType.Float), Protobuf.Number(20, 2));
        var shape = Protobuf.Field(5, Protobuf.Join(
            Protobuf.Number(1, 4), Protobuf.Number(2, (ulong)OnnxType.Int64), Protobuf.Field(8, "column"), Protobuf.Field(9, [[.. new long[] { -1, 1, 1, 1 }.SelectMany(BitConverter.GetBytes)]])));
        return TestSessions.Cpu.Open(_folder.Write("model.onnx", TinyGraph.Model(
            TinyGraph.Node("Cast", ["timestep"], "time", toFloat),
            TinyGraph.Node("Reshape", ["time", "column"], "times"),
            TinyGraph.Node("Reshape", ["text", "column"], "texts"),
            TinyGraph.Node("Add", ["sample", "times"], "timed"),
            TinyGraph.Node("Add", ["timed", "texts"], "out_sample"),
            shape,
            TinyGraph.Input("sample", OnnxType.Float, "n", 1, 1, 2),
            TinyGraph.Input("timestep", timestep, "n"),
            TinyGraph.Input("text", OnnxType.Float, "n", 1),
            TinyGraph.Output("out_sample", OnnxType.Float, "n", 1, 1, 2))));
    }
}

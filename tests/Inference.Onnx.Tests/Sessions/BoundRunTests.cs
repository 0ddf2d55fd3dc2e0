using Inference.TestKit;

namespace Inference.Onnx.Tests;

public sealed class BoundRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GraphSession _graph;

    public BoundRunTests() => _graph = TestSessions.Cpu.Open(_folder.Write("model.onnx", TestGraphs.TwiceAndSame));

    [Fact]
    public void Run_FillsTheOutputs_AgainAndAgain()
    {
        using var run = _graph.Bind(Shapes(("x", [2, 2]), ("ids", [2])), Shapes(("y", [2, 2]), ("same", [2])));
        for (var i = 0; i < 3; i++)
        {
            run.Write("x", 0, [(float)i, 1, 2, 3]);
            run.Write("ids", 0, [(long)i, 7]);
            run.Run();
            var (y, same) = (new float[4], new float[2]);
            run.Read("y", 0, y);
            run.Read("same", 0, same);
            Assert.Equal([2f * i, 2, 4, 6], y);
            Assert.Equal([i, 7], same);
        }
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, "[2,3]")]
    [InlineData(new long[] { 2 }, "[2]")]
    [InlineData(new long[] { 1, 2, 2 }, "[1,2,2]")]
    public void Bind_AnotherShape_NamesInputAndShape(long[] shape, string text)
    {
        var message = Assert.Throws<GraphException>(() => _graph.Bind(Shapes(("x", shape), ("ids", [2])), Shapes(("y", [2, 2])))).Message;
        Assert.Contains($"input x: Float32[-1,2] does not take the shape {text}", message);
    }

    [Fact]
    public void Bind_WithoutAnInput_NamesItAndWhatWasGiven()
    {
        var message = Assert.Throws<GraphException>(() => _graph.Bind(Shapes(("x", [1, 2]), ("text", [1])), Shapes(("y", [1, 2])))).Message;
        Assert.Contains("ids: Int64[-1]", message);
        Assert.Contains("(x, text)", message);
    }

    [Fact]
    public void Bind_AnUnknownOutput_SaysWhatThereIs() =>
        Assert.Contains("it has 'y', 'same'", Assert.Throws<GraphException>(() => _graph.Bind(Shapes(("x", [1, 2]), ("ids", [1])), Shapes(("z", [1])))).Message);

    [Fact]
    public void Bind_AnElementTypeThatIsNotSupported_SaysWhichAre()
    {
        using var graph = TestSessions.Cpu.Open(_folder.Write("double.onnx", TinyGraph.Model(
            TinyGraph.Node("Identity", ["x"], "y"), TinyGraph.Input("x", OnnxType.Double, 1), TinyGraph.Output("y", OnnxType.Double, 1))));
        Assert.Contains("supported are Float32, Float16, Int64 and Int32", Assert.Throws<GraphException>(() => graph.Bind(Shapes(("x", [1])), Shapes(("y", [1])))).Message);
    }

    [Fact]
    public void Run_WithAnOutputOfAnotherShape_IsAnErrorThatNamesTheFile()
    {
        using var run = _graph.Bind(Shapes(("x", [2, 2]), ("ids", [2])), Shapes(("y", [3, 2])));
        var message = Assert.Throws<GraphException>(run.Run).Message;
        Assert.StartsWith(_graph.Path, message);
        Assert.Contains("the evaluation failed", message);
    }

    [Fact]
    public void Run_OfTheEmbeddedTransformer_AllocatesNothing()
    {
        using var graph = TestSessions.Cpu.Open(Repository.PathOf("models", "pictogram-128", "transformer", "model.onnx"));
        var inputs = graph.Inputs.ToDictionary(input => input.Name, input => input.Dimensions.Select((size, i) => i == 0 ? 2L : size).ToArray());
        using var run = graph.Bind(inputs, Shapes(("out_hidden_states", inputs["hidden_states"])));
        for (var i = 0; i < 3; i++)
            run.Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 5; i++)
            run.Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose()
    {
        _graph.Dispose();
        _folder.Dispose();
    }

    private static Dictionary<string, long[]> Shapes(params (string Name, long[] Shape)[] shapes) => shapes.ToDictionary(entry => entry.Name, entry => entry.Shape);
}

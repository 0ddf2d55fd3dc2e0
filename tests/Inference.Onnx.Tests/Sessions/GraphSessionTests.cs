using Inference.TestKit;

namespace Inference.Onnx.Tests;

public sealed class GraphSessionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GraphSession _graph;

    public GraphSessionTests() => _graph = TestSessions.Cpu.Open(_folder.Write("model.onnx", TinyGraph.Model(
        TinyGraph.Node("Identity", ["sample"], "out_sample"),
        TinyGraph.Input("sample", OnnxType.Float, "batch", 4),
        TinyGraph.Output("out_sample", OnnxType.Float, "batch", 4))));

    [Fact]
    public void Signature_IsTheGraphs()
    {
        Assert.Equal("sample: Float32[-1,4]", Assert.Single(_graph.Inputs).ToString());
        Assert.Equal("out_sample: Float32[-1,4]", Assert.Single(_graph.Outputs).ToString());
    }

    [Fact]
    public void Input_TakesTheFirstNameThatIsThere() => Assert.Equal("sample", _graph.Input("hidden_states", "sample").Name);

    [Fact]
    public void Input_OfNoSuchName_SaysWhatWasExpectedAndWhatThereIs()
    {
        var error = Assert.Throws<GraphException>(() => _graph.Input("latent", "hidden_states"));
        Assert.Equal(_graph.Path, error.Path);
        Assert.Contains("expected an input named 'latent' or 'hidden_states'; it has 'sample'", error.Message);
    }

    [Fact]
    public void Output_OfNoSuchName_SaysWhatWasExpectedAndWhatThereIs() =>
        Assert.Contains("expected an output named 'y'; it has 'out_sample'", Assert.Throws<GraphException>(() => _graph.Output("y")).Message);

    public void Dispose()
    {
        _graph.Dispose();
        _folder.Dispose();
    }
}

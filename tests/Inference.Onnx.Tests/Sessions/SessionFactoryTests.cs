using Inference.TestKit;

namespace Inference.Onnx.Tests;

public sealed class SessionFactoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Open_AMissingFile_NamesIt()
    {
        var path = _folder.PathOf("model.onnx");
        var error = Assert.Throws<GraphException>(() => TestSessions.Cpu.Open(path));
        Assert.Equal($"{path}: the file does not exist.", error.Message);
    }

    [Fact]
    public void Open_Garbage_NamesTheFile()
    {
        var path = _folder.Write("model.onnx", "this is no graph");
        Assert.StartsWith(path, Assert.Throws<GraphException>(() => TestSessions.Cpu.Open(path)).Message);
    }

    [Fact]
    public void Open_AnOperatorThatDoesNotExist_NamesFileAndOperator()
    {
        var path = _folder.Write("model.onnx", TinyGraph.Model(
            TinyGraph.Node("NoSuchOperator", ["x"], "y"), TinyGraph.Input("x", OnnxType.Float, 1), TinyGraph.Output("y", OnnxType.Float, 1)));
        var message = Assert.Throws<GraphException>(() => TestSessions.Cpu.Open(path)).Message;
        Assert.StartsWith(path, message);
        Assert.Contains("ONNX Runtime cannot load it", message);
        Assert.Contains("NoSuchOperator", message);
    }

    [Fact]
    public void Threads_OfZero_AreOneACore()
    {
        var providers = TestSessions.Cpu.Providers;
        Assert.Equal(Environment.ProcessorCount, new SessionFactory(providers, new()).Threads);
        Assert.Equal(3, new SessionFactory(providers, new() { IntraOp = 3 }).Threads);
    }

    public void Dispose() => _folder.Dispose();
}

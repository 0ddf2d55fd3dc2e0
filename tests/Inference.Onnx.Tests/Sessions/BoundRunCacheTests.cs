using Inference.TestKit;

namespace Inference.Onnx.Tests;

public sealed class BoundRunCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GraphSession _graph;

    public BoundRunCacheTests() => _graph = TestSessions.Cpu.Open(_folder.Write("model.onnx", TinyGraph.Model(
        TinyGraph.Node("Identity", ["x"], "y"), TinyGraph.Input("x", OnnxType.Float, "n"), TinyGraph.Output("y", OnnxType.Float, "n"))));

    [Fact]
    public void Find_OfAnUnknownKey_IsNull()
    {
        using var cache = new BoundRunCache<int>(2);
        Assert.Null(cache.Find(1));
    }

    [Fact]
    public void Add_BeyondTheCapacity_DisposesTheLeastRecentlyUsed()
    {
        using var cache = new BoundRunCache<int>(2);
        var (one, two) = (cache.Add(1, Bind(1)), cache.Add(2, Bind(2)));
        Assert.Same(one, cache.Find(1));

        var three = cache.Add(3, Bind(3));

        Assert.Null(cache.Find(2));
        Assert.Same(one, cache.Find(1));
        Assert.Same(three, cache.Find(3));
        Assert.Throws<ObjectDisposedException>(two.Run);
        one.Run();
        three.Run();
    }

    [Fact]
    public void Dispose_DisposesAllRuns()
    {
        var cache = new BoundRunCache<int>(2);
        var (one, two) = (cache.Add(1, Bind(1)), cache.Add(2, Bind(2)));
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(one.Run);
        Assert.Throws<ObjectDisposedException>(two.Run);
    }

    public void Dispose()
    {
        _graph.Dispose();
        _folder.Dispose();
    }

    private BoundRun Bind(long n) => _graph.Bind(new Dictionary<string, long[]> { ["x"] = [n] }, new Dictionary<string, long[]> { ["y"] = [n] });
}

using Inference.TestKit;

namespace Inference.Onnx.Tests;

/// <summary>Bindings whose tensors lie in a device's memory.</summary>
public sealed class DeviceMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StagedProvider _provider = new();
    private readonly GraphSession _graph;

    public DeviceMemoryTests() => _graph = new SessionFactory(ExecutionProviders.Of(_provider), new() { IntraOp = 1 }).Open(_folder.Write("model.onnx", TestGraphs.TwiceAndSame));

    [Fact]
    public void Run_SeesWhatWasWritten_AndIsSeen()
    {
        using var run = Bind();
        run.Write("ids", 0, [5L, 6, 7]);
        for (var i = 0; i < 3; i++)
        {
            run.Write("x", 0, [i, 1, 2, 3, 4, 5f]);
            run.Run();
            Assert.Equal([2f * i, 2, 4, 6, 8, 10], Read(run, "y", 6));
            Assert.Equal([5, 6, 7], Read(run, "same", 3));
        }
    }

    [Fact]
    public void WhatIsNotWrittenAgain_StaysOnTheDevice()
    {
        using var run = Bind();
        run.Write("x", 0, [0, 1, 2, 3, 4, 5f]);
        run.Write("ids", 0, [5L, 6, 7]);
        run.Run();
        var before = _provider.Memory.Copies;
        run.Run();
        run.Run();
        Assert.Equal(before, _provider.Memory.Copies);
        // Two rows that do not lie beside each other are two copies, and the row between them stays.
        run.Write("x", 0, [10, 11f]);
        run.Write("x", 4, [14, 15f]);
        run.Run();
        Assert.Equal(before + 2, _provider.Memory.Copies);
        Assert.Equal([20, 22, 4, 6, 28, 30], Read(run, "y", 6));
        Assert.Equal(before + 3, _provider.Memory.Copies);
        // An output comes over once, and one that nobody reads does not.
        _ = Read(run, "y", 6);
        Assert.Equal(before + 3, _provider.Memory.Copies);
    }

    [Fact]
    public void RowsWrittenOneAfterTheOther_AreOneCopy()
    {
        using var run = Bind();
        run.Write("ids", 0, [5L, 6, 7]);
        for (var row = 0; row < 3; row++)
            run.Write("x", 2 * row, [row, row]);
        run.Run();
        Assert.Equal(2, _provider.Memory.Copies);
    }

    [Fact]
    public void ValuesInPlace_AreReadAndReplaced()
    {
        using var run = Bind();
        run.Write("ids", 0, [5L, 6, 7]);
        new float[] { 0, 1, 2, 3, 4, 5 }.CopyTo(run.FloatsOf("x", 0, 6));
        run.Run();
        Assert.Equal([4, 6], run.FloatsOf("y", 2, 2).ToArray());
        run.FloatsOf("x", 2, 2).Fill(7);
        run.Run();
        Assert.Equal([0, 2, 14, 14, 8, 10], Read(run, "y", 6));
    }

    [Fact]
    public void Float16_IsConverted_OnTheHost()
    {
        using var graph = StagedProvider.Sessions(1).Open(_folder.Write("half.onnx", TinyGraph.Model(
            TinyGraph.Node("Identity", ["x"], "y"), TinyGraph.Input("x", OnnxType.Half, 3), TinyGraph.Output("y", OnnxType.Half, 3))));
        using var run = graph.Bind(new Dictionary<string, long[]> { ["x"] = [3] }, new Dictionary<string, long[]> { ["y"] = [3] });
        run.Write("x", 0, [1, 0.1f, -2]);
        run.Run();
        Assert.Equal([1, (float)(Half)0.1f, -2], Read(run, "y", 3));
    }

    [Fact]
    public void ACopyThatFails_IsAFailedEvaluation_ThatNamesTheFile()
    {
        using var run = Bind();
        run.Write("x", 0, [0, 1, 2, 3, 4, 5f]);
        run.Write("ids", 0, [5L, 6, 7]);
        _provider.Memory.Failure = new GraphException(_graph.Path, "lost");
        Assert.Throws<GraphException>(run.Run);
        _provider.Memory.Failure = null;
        run.Run();
        Assert.Equal([0, 2, 4, 6, 8, 10], Read(run, "y", 6));
    }

    public void Dispose()
    {
        _graph.Dispose();
        _folder.Dispose();
    }

    private BoundRun Bind() => _graph.Bind(
        new Dictionary<string, long[]> { ["x"] = [3, 2], ["ids"] = [3] }, new Dictionary<string, long[]> { ["y"] = [3, 2], ["same"] = [3] });

    private static float[] Read(BoundRun run, string name, int length)
    {
        var values = new float[length];
        run.Read(name, 0, values);
        return values;
    }
}

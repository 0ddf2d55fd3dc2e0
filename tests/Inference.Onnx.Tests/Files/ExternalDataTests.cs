using Inference.TestKit;

namespace Inference.Onnx.Tests;

public sealed class ExternalDataTests : IDisposable
{
    private readonly TemporaryFolder _outer = new();
    private readonly string _model;

    public ExternalDataTests()
    {
        _outer.Write("secret.bin", [0, 0, 128, 63]);
        _model = _outer.PathOf("model");
        Directory.CreateDirectory(_model);
    }

    public static TheoryData<string> LocationsOutside => ["/etc/passwd", "../secret.bin", "../../etc/passwd", "weights/../../secret.bin", "", ".", ".."];

    [Fact]
    public void Location_InsideTheFolder_IsLoaded()
    {
        _outer.Write("model/weights/w.bin", BitConverter.GetBytes(2f));
        using var graph = TestSessions.Cpu.Open(Graph(TinyGraph.AddExternal("weights/w.bin")));
        using var run = graph.Bind(new Dictionary<string, long[]> { ["x"] = [1] }, new Dictionary<string, long[]> { ["y"] = [1] });
        run.Write("x", 0, [40f]);
        run.Run();
        var y = new float[1];
        run.Read("y", 0, y);
        Assert.Equal(42, y[0]);
    }

    [Theory]
    [MemberData(nameof(LocationsOutside))]
    public void Location_OutsideTheFolder_IsRefused(string location) => Refused(TinyGraph.AddExternal(location), $"'{location}' lies outside the model folder");

    [Fact]
    public void Location_OfAMissingFile_IsNamed() => Refused(TinyGraph.AddExternal("weights.bin"), "'weights.bin' does not exist");

    [Fact]
    public void Location_WithAZeroByte_IsRefused() => Refused(TinyGraph.AddExternal("w\0.bin"), "zero byte");

    [Fact]
    public void Link_ToAFileOutside_IsRefused()
    {
        File.CreateSymbolicLink(Path.Combine(_model, "w.bin"), "../secret.bin");
        Refused(TinyGraph.AddExternal("w.bin"), "'w.bin' is a link that leaves the model folder");
    }

    [Fact]
    public void Link_OfAFolderOnTheWay_IsRefused()
    {
        Directory.CreateSymbolicLink(Path.Combine(_model, "weights"), _outer.Root);
        Refused(TinyGraph.AddExternal("weights/secret.bin"), "leaves the model folder");
    }

    [Fact]
    public void Link_InsideTheFolder_IsAllowed_ThroughALinkedModelFolder()
    {
        _outer.Write("model/blobs/w.bin", BitConverter.GetBytes(2f));
        File.CreateSymbolicLink(Path.Combine(_model, "w.bin"), "blobs/w.bin");
        Graph(TinyGraph.AddExternal("w.bin"));
        Directory.CreateSymbolicLink(_outer.PathOf("alias"), "model");
        ExternalData.Check(_outer.PathOf("alias", "model.onnx"));
    }

    [Fact]
    public void Tensors_OfSubgraphsAndFunctions_AreChecked()
    {
        var tensor = TinyGraph.ExternalTensor("w", "../secret.bin");
        var constant = TinyGraph.Node("Constant", [], "w", Protobuf.Field(5, Protobuf.Field(1, "value"), Protobuf.Field(5, tensor)));
        var subgraph = TinyGraph.Node("If", ["x"], "y", Protobuf.Field(5, Protobuf.Field(6, Protobuf.Field(5, tensor))));
        var sparse = Protobuf.Field(15, Protobuf.Field(1, tensor));
        foreach (var part in new[] { constant, subgraph, sparse })
            Refused(TinyGraph.Model(part), "outside the model folder");
        // FunctionProto.node is 7.
        Refused(Protobuf.Join(TinyGraph.Model(), Protobuf.Field(25, Protobuf.Field(7, constant[2..]))), "outside the model folder");
    }

    [Fact]
    public void Entry_WithUnknownFieldsBeforeItsLocation_IsStillRead()
    {
        var entry = Protobuf.Field(13, Protobuf.Number(3, 120), Protobuf.Field(1, "location"), Protobuf.Field(2, "../secret.bin"));
        Refused(TinyGraph.Model(Protobuf.Field(5, entry)), "outside the model folder");
    }

    [Fact]
    public void Entry_ThatIsLongerThanAPath_IsRefused() => Refused(TinyGraph.AddExternal(new string('a', 5000)), "more than 4096");

    [Fact]
    public void TruncatedFile_IsRefused_WhereverItEnds()
    {
        _outer.Write("model/w.bin", BitConverter.GetBytes(2f));
        var whole = TinyGraph.AddExternal("w.bin");
        for (var length = 1; length < whole.Length; length++)
        {
            var path = Graph(whole[..length]);
            // A cut between two fields of the model leaves a protobuf without a graph, which ONNX Runtime refuses.
            var error = Assert.Throws<GraphException>(() => TestSessions.Cpu.Open(path).Dispose());
            Assert.Equal(path, error.Path);
        }
    }

    [Fact]
    public void RandomBytes_AreRefusedOrPassed_NeverAnotherException()
    {
        var state = 1u;
        for (var file = 0; file < 300; file++)
        {
            var bytes = new byte[200];
            foreach (ref var value in bytes.AsSpan())
                value = (byte)((state = state * 1664525 + 1013904223) >> 24);
            // Half of them start as a graph with a tensor, so that the walk goes deep.
            var path = Graph(file % 2 == 0 ? bytes : Protobuf.Field(7, Protobuf.Field(5, Protobuf.Field(13, [bytes]))));
            if (Record.Exception(() => ExternalData.Check(path)) is { } error)
                Assert.IsType<GraphException>(error);
        }
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(long.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(int.MaxValue)]
    public void HugeLength_IsRefused_WithoutAllocatingIt(ulong length)
    {
        var path = Graph(Protobuf.Join(Protobuf.Varint(7 << 3 | 2), Protobuf.Varint(length)));
        var inEntry = Graph(Protobuf.Field(7, Protobuf.Field(5, Protobuf.Field(13, Protobuf.Varint(1 << 3 | 2), Protobuf.Varint(length)))), "entry.onnx");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("longer than what encloses it", Assert.Throws<GraphException>(() => ExternalData.Check(path)).Message);
        Assert.Contains("longer than what encloses it", Assert.Throws<GraphException>(() => ExternalData.Check(inEntry)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 18);
    }

    [Fact]
    public void DeepNesting_IsRefused_WithoutOverflowingTheStack()
    {
        byte[] graph = [];
        for (var depth = 0; depth < 5000; depth++)
            graph = Protobuf.Field(1, Protobuf.Field(5, Protobuf.Field(6, graph)));
        Refused(Protobuf.Field(7, graph), "nested");
    }

    [Fact]
    public void EmptyFile_IsNoGraph() => Assert.Throws<GraphException>(() => TestSessions.Cpu.Open(Graph([])).Dispose());

    public void Dispose() => _outer.Dispose();

    private string Graph(byte[] bytes, string name = "model.onnx") => _outer.Write(Path.Combine("model", name), bytes);

    private void Refused(byte[] bytes, string because)
    {
        var path = Graph(bytes);
        var error = Assert.Throws<GraphException>(() => ExternalData.Check(path));
        Assert.Equal(path, error.Path);
        Assert.Contains(because, error.Message);
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using Xunit.Abstractions;

namespace Inference.Onnx.Tests;

/// <summary>Memory and time are the process's: nothing else runs meanwhile.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>Two graphs derived from one model of 134 MB share its weights: memory of one, speed of one.</summary>
[Collection("alone")]
public sealed partial class WeightSharingTests(ITestOutputHelper output) : IDisposable
{
    private const int Width = 2048;
    private const int Layers = 8;
    private const int Rows = 64;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-weights-");

    [Fact]
    public void DerivedGraphs_CostTheMemoryOfOne_AndAsMuchTime()
    {
        var path = Path.Combine(_folder.FullName, "model.onnx");
        Write(path);
        var sessions = new SessionFactory(ExecutionProviders.Resolve([new() { Name = "cpu" }]), new());
        var model = OnnxModel.Read(path);
        Assert.True(GraphFile.Measure(path).Bytes >= 128_000_000);
        Assert.True(model.ToBytes().Length < 10_000);

        var before = PrivateBytes();
        using var weights = new GraphWeights(model);
        using var first = sessions.Open(model, weights, Lowering.None);
        using var runFirst = Bind(first);
        runFirst.Run();
        var one = PrivateBytes() - before;
        using var second = sessions.Open(model, weights, Lowering.None);
        using var runSecond = Bind(second);
        runSecond.Run();
        var two = PrivateBytes() - before;
        output.WriteLine($"private memory: one graph {one >> 20} MiB, two {two >> 20} MiB, {(double)two / one:F3} x");
        Assert.True(one > 0 && two <= 1.15 * one, $"{two} > 1.15 x {one}");

        using var alone = sessions.Open(path);
        using var runAlone = Bind(alone);
        var (shared, own) = (double.PositiveInfinity, double.PositiveInfinity);
        // The best of interleaved rounds: what else runs on the machine must not decide. More rounds only where the first ones disagree.
        for (var round = 0; round < 400 && (round < 20 || shared > 1.05 * own); round++)
            (shared, own) = (Math.Min(shared, Milliseconds(runSecond)), Math.Min(own, Milliseconds(runAlone)));
        output.WriteLine($"step: shared {shared:F2} ms, own weights {own:F2} ms, {shared / own:F3} x");
        Assert.True(shared <= 1.05 * own, $"{shared} ms > 1.05 x {own} ms");
        var (a, b) = (new float[Rows * Width], new float[Rows * Width]);
        runSecond.Read("y", 0, a);
        runAlone.Read("y", 0, b);
        Assert.Equal(b, a);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static BoundRun Bind(GraphSession graph)
    {
        var run = graph.Bind(new Dictionary<string, long[]> { ["x"] = [Rows, Width] }, new Dictionary<string, long[]> { ["y"] = [Rows, Width] });
        run.Write("x", 0, Enumerable.Range(0, Rows * Width).Select(i => MathF.Sin(i)).ToArray());
        return run;
    }

    private static double Milliseconds(BoundRun run)
    {
        var started = TimeProvider.System.GetTimestamp();
        run.Run();
        return TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
    }

    // Anonymous memory: pages of mapped files belong to the file cache. What other tests left to finalizers and in the heap's free lists is given back first.
    private static long PrivateBytes()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = MallocTrim(0);
        var line = File.ReadLines($"/proc/{Environment.ProcessId}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);

    // x · W0 · W1 · ..., each matrix 2048 x 2048 float32 inside the file.
    private static void Write(string path)
    {
        var graph = new ProtoWriter();
        for (var layer = 0; layer < Layers; layer++)
            graph.Message(1, new ProtoWriter().Text(1, layer == 0 ? "x" : $"h{layer}").Text(1, $"W{layer}").Text(2, layer == Layers - 1 ? "y" : $"h{layer + 1}").Text(3, $"layer{layer}").Text(4, "MatMul"));
        graph.Text(2, "chain");
        var weights = new float[Width * Width];
        for (var layer = 0; layer < Layers; layer++)
        {
            for (var i = 0; i < weights.Length; i++)
                weights[i] = MathF.Sin(i * (layer + 1)) / 32;
            graph.Message(5, new ProtoWriter().Number(1, Width).Number(1, Width).Number(2, 1).Text(8, $"W{layer}").Bytes(9, MemoryMarshal.AsBytes<float>(weights)));
        }
        graph.Message(11, Value("x")).Message(12, Value("y"));
        var model = new ProtoWriter().Number(1, 8).Message(8, new ProtoWriter().Number(2, 17)).Message(7, graph);
        File.WriteAllBytes(path, model.ToArray());
    }

    private static ProtoWriter Value(string name)
    {
        var shape = new ProtoWriter().Message(1, new ProtoWriter().Text(2, "rows")).Message(1, new ProtoWriter().Number(1, Width));
        return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, new ProtoWriter().Number(1, 1).Message(2, shape)));
    }
}

using Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Tests;

/// <summary>Bindings that are recorded are alone on the device while they are; the CPU's kernels record nothing, and take no notice.</summary>
public sealed class RecordingTests
{
    [Fact]
    public void OnlyTheFirstRunsOfAKeptBinding_AreAlone()
    {
        var provider = new Recording();
        var sessions = new SessionFactory(ExecutionProviders.Of(provider), new() { IntraOp = 1 });
        using var graph = sessions.OpenDenoiser(TestNetworks.PathOf("dit"));
        Assert.True(provider.Captures > 0);
        var inputs = graph.Inputs.ToDictionary(input => input.Name, input => input.Dimensions.Select((size, i) => size >= 0 ? size : i > 0 ? 8L : 1L).ToArray());
        var output = graph.Outputs[0].Name;
        using var probe = graph.Bind(inputs, new Dictionary<string, long[]>());
        var outputs = new Dictionary<string, long[]> { [output] = Cleared(probe, inputs).ShapesOf([output])[0] };
        using var kept = graph.Bind(inputs, outputs, isKept: true);
        using var once = graph.Bind(inputs, outputs);
        Cleared(kept, inputs);
        Cleared(once, inputs);
        using (provider.Memory.Gate.Enter())
        {
            Assert.True(Runs(once));
            Assert.False(Runs(kept, 200));
        }
        // What waited has run by now; two more, and it needs nobody's leave.
        Assert.True(Runs(kept) && Runs(kept));
        using (provider.Memory.Gate.Enter())
            Assert.True(Runs(kept));
    }

    private static BoundRun Cleared(BoundRun run, Dictionary<string, long[]> inputs)
    {
        foreach (var (name, shape) in inputs)
            run.Write(name, 0, new float[shape.Aggregate(1L, (product, dimension) => product * dimension)]);
        return run;
    }

    private static bool Runs(BoundRun run, int milliseconds = 30_000)
    {
        var thread = new Thread(run.Run) { IsBackground = true };
        thread.Start();
        return thread.Join(milliseconds);
    }

    private sealed class Recording : IExecutionProvider
    {
        private readonly StagedProvider _staged = new();

        public int Captures { get; private set; }

        public string Name => _staged.Name;

        public BatchBuckets Buckets => _staged.Buckets;

        public IReadOnlyList<string> Devices => _staged.Devices;

        public StagedMemory Memory => _staged.Memory;

        public string? LibraryOf(ProviderOptions options) => null;

        public void Load(ProviderOptions options) => _staged.Load(options);

        public void Append(SessionOptions session, ProviderOptions options, bool captures) => Captures += captures ? 1 : 0;

        public ITensorMemory MemoryOf(ProviderOptions options) => Memory;

        public bool CapturesGraphs(ProviderOptions options) => true;
    }
}

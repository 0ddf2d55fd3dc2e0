using Inference.Batching;
using Inference.Sampling;

namespace Inference.Onnx.Tests;

/// <summary>What a row of a batch holds already is not written again, on the host or to the device; what changed is.</summary>
public sealed class HeldValuesTests : IDisposable
{
    private static readonly LatentShape Shape = new(8, 16, 16);
    private static readonly BatchKey Full = new(NetworkVariant.Full, Shape, Text(0).ShapeKey);
    private readonly StagedProvider _provider = new();
    private readonly DenoiserEvaluator _evaluator;

    public HeldValuesTests() =>
        _evaluator = new(new SessionFactory(ExecutionProviders.Of(_provider), new() { IntraOp = 1 }).OpenDenoiser(TestNetworks.PathOf("pictogram-128")), new() { OutputChannels = 8 });

    [Fact]
    public void Conditioning_GoesToTheDeviceOnce_AsLongAsTheRowsStay()
    {
        var (a, b) = (Row(1, Text(1)), Row(2, Text(2)));
        long Crossed(params NetworkRow[] rows)
        {
            var before = _provider.Memory.CrossedBytes;
            _evaluator.Evaluate(Full, rows);
            return _provider.Memory.CrossedBytes - before;
        }
        var first = Crossed(a, b);
        var same = Crossed(a, b);
        // Both prompts stay; one is replaced; both change places.
        const long Prompt = 40 * 256 * sizeof(float);
        Assert.Equal(2 * Prompt, first - same);
        Assert.Equal(same + Prompt, Crossed(a, Row(3, Text(3))));
        Assert.Equal(same + 2 * Prompt, Crossed(Row(3, Text(3)), a));
    }

    [Fact]
    public void ReplacedConditioning_IsSeen()
    {
        // The same latent under two prompts, in the same place of the same batch.
        var (first, second) = (Row(1, Text(1)), Row(1, Text(2)));
        _evaluator.Evaluate(Full, [first]);
        _evaluator.Evaluate(Full, [second]);
        Assert.NotEqual(first.Output.Values.ToArray(), second.Output.Values.ToArray());
        var again = Row(1, first.Conditioning);
        _evaluator.Evaluate(Full, [again]);
        Assert.Equal(first.Output.Values.ToArray(), again.Output.Values.ToArray());
    }

    [Fact]
    public void AVersionThatTheRowHolds_IsNotProvidedAgain_AndAnotherIs()
    {
        var text = Text(1);
        _evaluator.Prepare(FeatureScope.Modules, Shape, text);
        var features = new Versioned();
        void Evaluate(NetworkVariant variant) => _evaluator.Evaluate(new(variant, Shape, text.ShapeKey), [Row(1, text) with { Variant = variant, Features = features }]);
        Evaluate(NetworkVariant.TappedModules);
        foreach (var (version, provided) in ((long, int)[])[(5, 24), (5, 24), (6, 48), (0, 72), (0, 96), (6, 120), (6, 120)])
        {
            features.Version = version;
            Evaluate(NetworkVariant.CachedModules);
            Assert.Equal(provided, features.Provided);
        }
    }

    [Fact]
    public void AfterAFailure_NothingIsTakenToBeHeld()
    {
        var text = Text(1);
        var (row, before) = (Row(1, text), _provider.Memory.CrossedBytes);
        _evaluator.Evaluate(Full, [row]);
        var first = _provider.Memory.CrossedBytes - before;
        _provider.Memory.Failure = new InvalidOperationException("lost");
        Assert.Throws<InvalidOperationException>(() => _evaluator.Evaluate(Full, [row]));
        (_provider.Memory.Failure, before) = (null, _provider.Memory.CrossedBytes);
        _evaluator.Evaluate(Full, [row]);
        Assert.Equal(first, _provider.Memory.CrossedBytes - before);
    }

    public void Dispose() => _evaluator.Dispose();

    private static Conditioning Text(int seed)
    {
        var values = new float[40 * 256];
        for (var i = 0; i < values.Length; i++)
            values[i] = MathF.Sin(seed + i);
        return new([ConditioningTensor.Of("encoder_hidden_states", [40, 256], values)]);
    }

    private static NetworkRow Row(int seed, Conditioning text)
    {
        var input = Latent.Rent(Shape);
        new PhiloxNoise((ulong)seed).Fill(0, input);
        return new(input, 500, text, Latent.Rent(Shape));
    }

    private sealed class Versioned : IFeatures
    {
        private int _provided;

        public long Version { get; set; }

        public int Provided => _provided;

        public void Provide(NetworkVariant variant, int index, Span<float> values)
        {
            Interlocked.Increment(ref _provided);
            values.Clear();
        }

        public void Receive(NetworkVariant variant, int index, ReadOnlySpan<float> values)
        {
            // Not kept.
        }

        public long VersionOf(NetworkVariant variant, int index) => Version;
    }
}

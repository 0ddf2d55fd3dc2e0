using System.Collections.Concurrent;
using Inference.Sampling;

namespace Inference.Onnx.Tests;

/// <summary>Features of a batch between its rows and the bound buffers, on the embedded model, whose features are large enough to be moved by two threads.</summary>
public sealed class FeatureTransferTests
{
    private const int Features = 24;
    private static readonly LatentShape Shape = new(8, 16, 16);
    private static readonly Conditioning Text = new([ConditioningTensor.Of("encoder_hidden_states", [40, 256], new float[40 * 256])]);

    [Fact]
    public void EveryRow_GivesAndTakesEachOfItsFeaturesOnce()
    {
        using var evaluator = Open();
        var rows = Enumerable.Range(0, 5).Select(i => (Row: Row(i), Given: new Counting())).ToArray();
        for (var round = 1; round <= 20; round++)
        {
            Evaluate(evaluator, NetworkVariant.TappedModules, rows);
            Evaluate(evaluator, NetworkVariant.CachedModules, rows);
            Assert.All(rows, row => Assert.All(Enumerable.Range(0, Features), feature => Assert.Equal((round, round), (row.Given.Received[feature], row.Given.Provided[feature]))));
        }
        // What a row gave is its own: given back, its output is that of the full network.
        var expected = rows.Select(row => row.Row.Output.Values.ToArray()).ToArray();
        evaluator.Evaluate(new(NetworkVariant.Full, Shape, Text.ShapeKey), [.. rows.Select(row => row.Row)]);
        for (var i = 0; i < rows.Length; i++)
            Assert.True(rows[i].Row.Output.Values.ToArray().Zip(expected[i], (a, b) => Math.Abs(a - b)).Max() < 1e-4);
    }

    [Fact]
    public void AFailureOfOneRow_IsThrown_AndTheNextBatchIsWhole()
    {
        using var evaluator = Open();
        var rows = Enumerable.Range(0, 3).Select(i => (Row: Row(i), Given: new Counting())).ToArray();
        Evaluate(evaluator, NetworkVariant.TappedModules, rows);
        rows[1].Given.FailsAt = 7;
        Assert.Throws<InvalidDataException>(() => Evaluate(evaluator, NetworkVariant.CachedModules, rows));
        rows[1].Given.FailsAt = -1;
        rows[1].Given.Provided.Clear();
        Evaluate(evaluator, NetworkVariant.CachedModules, rows);
        Assert.All(Enumerable.Range(0, Features), feature => Assert.Equal(1, rows[1].Given.Provided[feature]));
    }

    private static DenoiserEvaluator Open()
    {
        var evaluator = new DenoiserEvaluator(TestSessions.Cpu.OpenDenoiser(TestNetworks.PathOf("pictogram-128")), new() { OutputChannels = 8 });
        Assert.Equal(Features, evaluator.Prepare(FeatureScope.Modules, Shape, Text).Cached.Length);
        return evaluator;
    }

    private static NetworkRow Row(int seed)
    {
        var input = Latent.Rent(Shape);
        new PhiloxNoise((ulong)seed).Fill(0, input);
        return new(input, 500, Text, Latent.Rent(Shape));
    }

    private static void Evaluate(DenoiserEvaluator evaluator, NetworkVariant variant, (NetworkRow Row, Counting Given)[] rows) =>
        evaluator.Evaluate(new(variant, Shape, Text.ShapeKey), [.. rows.Select(row => row.Row with { Variant = variant, Features = row.Given })]);

    private sealed class Counting : IFeatures
    {
        private readonly ConcurrentDictionary<int, float[]> _values = [];

        public ConcurrentDictionary<int, int> Provided { get; } = [];

        public ConcurrentDictionary<int, int> Received { get; } = [];

        public int FailsAt { get; set; } = -1;

        public void Provide(NetworkVariant variant, int index, Span<float> values)
        {
            if (index == FailsAt)
                throw new InvalidDataException();
            Provided.AddOrUpdate(index, 1, (_, count) => count + 1);
            _values[index].CopyTo(values);
        }

        public void Receive(NetworkVariant variant, int index, ReadOnlySpan<float> values)
        {
            Received.AddOrUpdate(index, 1, (_, count) => count + 1);
            _values[index] = values.ToArray();
        }
    }
}

using Inference.Sampling;

namespace Inference.Onnx.Tests;

/// <summary>Forms of the network are compared with it for a new shape while the device thread evaluates rows in the same forms.</summary>
public sealed class PreparingMeanwhileTests
{
    private static readonly LatentShape Shape = new(8, 16, 16);

    public static TheoryData<bool> OnDevice => [false, true];

    [Theory]
    [MemberData(nameof(OnDevice))]
    public async Task RowsOfAForm_AreWhatTheyAre_WhileItIsPreparedForOthers(bool onDevice)
    {
        var sessions = onDevice ? StagedProvider.Sessions(1) : TestSessions.Cpu;
        using var evaluator = new DenoiserEvaluator(sessions.OpenDenoiser(TestNetworks.PathOf("pictogram-128")), new() { OutputChannels = 8 });
        var text = Text(0);
        var sizes = evaluator.Prepare(FeatureScope.Modules, Shape, text);
        using var kept = new Kept(sizes);
        var row = Row(text) with { Features = kept };
        Evaluate(NetworkVariant.TappedModules);
        Evaluate(NetworkVariant.CachedModules);
        var expected = row.Output.Values.ToArray();

        using var done = new CancellationTokenSource();
        var preparing = Task.Run(() =>
        {
            for (var kind = 1; kind <= 24; kind++)
                evaluator.Prepare(FeatureScope.Modules, Shape, Text(kind));
            done.Cancel();
        });
        while (!done.IsCancellationRequested && !preparing.IsFaulted)
        {
            row.Output.Values.Clear();
            Evaluate(NetworkVariant.CachedModules);
            Assert.Equal(expected, row.Output.Values.ToArray());
        }
        await preparing;

        void Evaluate(NetworkVariant variant) => evaluator.Evaluate(new(variant, Shape, text.ShapeKey), [row with { Variant = variant }]);
    }

    // The graph has no second input, but the rows are others.
    private static Conditioning Text(int kind) => new([ConditioningTensor.Of("encoder_hidden_states", [40, 256], new float[40 * 256]), ConditioningTensor.Of($"kind.{kind}", [1], new float[1])]);

    private static NetworkRow Row(Conditioning text)
    {
        var input = Latent.Rent(Shape);
        new PhiloxNoise(1).Fill(0, input);
        return new(input, 500, text, Latent.Rent(Shape));
    }

    // On a device, two tensors a feature: the first time both are the value, and half of each is it again.
    private sealed class Kept(FeatureSizes sizes) : IFeatures, IDisposable
    {
        private static readonly float[] Halves = [0.5f, 0.5f];
        private readonly float[][] _values = [.. sizes.Cached.Select(length => new float[length])];
        private readonly IDisposable[]? _blocks = sizes.Device is { } device ? [.. sizes.Cached.Select(length => device.Rent(2 * length))] : null;

        public void Provide(NetworkVariant variant, int index, Span<float> values) => _values[index].CopyTo(values);

        public void Receive(NetworkVariant variant, int index, ReadOnlySpan<float> values) => values.CopyTo(_values[index]);

        public DeviceFeature? TakenFrom(NetworkVariant variant, int index) => _blocks is null ? null : new(_blocks[index], Halves, null);

        public DeviceFeature? GivenTo(NetworkVariant variant, int index) => TakenFrom(variant, index);

        public void Dispose()
        {
            foreach (var block in _blocks ?? [])
                block.Dispose();
        }
    }
}

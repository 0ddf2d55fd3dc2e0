using Inference.Sampling;
using Xunit.Abstractions;

namespace Inference.Onnx.Tests;

/// <summary>Forms of a network derived from its export: the same numbers, on the same weights.</summary>
public sealed class NetworkVariantsTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Transformers => new("pictogram-128", "dit", "pixart", "sd3", "flux", "fluxschnell");

    [Theory]
    [MemberData(nameof(Transformers))]
    public void EveryForm_GivesWhatTheFullNetworkGives(string name)
    {
        using var evaluator = TestDenoisers.Open(name, out var shape, out var conditioning);
        foreach (var scope in Scopes(evaluator.Structure))
        {
            var sizes = evaluator.Prepare(scope, shape, conditioning);
            Assert.All(sizes.Cached, size => Assert.True(size > 0));
        }
        output.WriteLine(string.Join('\n', evaluator.Variants));
        Assert.Equal(
            Enum.GetValues<NetworkForm>().Where(form => form is not (NetworkForm.Full or NetworkForm.TappedDeep or NetworkForm.CachedDeep)),
            evaluator.Variants.Select(report => report.Variant.Form).Distinct());
        Assert.All(evaluator.Variants, report => Assert.True(report.Variant.Form is NetworkForm.Head or NetworkForm.Modulated ? report.Error is null : report.Error <= Tolerance, $"{report}"));
        // The graph alone: weights lie in the file.
        Assert.All(evaluator.Variants, report => Assert.True(report.GraphBytes < 1_000_000, $"{report}"));
    }

    [Theory]
    [MemberData(nameof(Transformers))]
    public void CachedForms_LeaveOutWhatTheyAreGiven(string name)
    {
        using var evaluator = TestDenoisers.Open(name, out var shape, out var conditioning);
        evaluator.Prepare(FeatureScope.Modules, shape, conditioning);
        evaluator.Prepare(FeatureScope.Stack, shape, conditioning);
        evaluator.Prepare(FeatureScope.Probe(), shape, conditioning);
        var nodes = evaluator.Variants.ToDictionary(report => report.Variant.Form, report => report.Nodes);
        Assert.True(nodes[NetworkForm.CachedModules] < nodes[NetworkForm.TappedModules] / 2);
        Assert.True(nodes[NetworkForm.CachedStack] < nodes[NetworkForm.TappedStack] / 3);
        Assert.True(nodes[NetworkForm.Tail] < nodes[NetworkForm.Head]);
        Assert.True(nodes[NetworkForm.Head] < nodes[NetworkForm.TappedStack]);
        Assert.True(nodes[NetworkForm.Body] < nodes[NetworkForm.TappedStack]);
    }

    [Theory]
    [InlineData("pictogram-128", 9, 3)]
    [InlineData("dit", 6, 2)]
    [InlineData("sd3", 6, 2)]
    [InlineData("flux", 6, 2)]
    public void CachedForm_ProjectsTheGatesAlone(string name, int chunks, int gates)
    {
        var model = OnnxModel.Read(TestNetworks.PathOf(name));
        var derived = new VariantGraphs(model, StructureAnalysis.Run(model)).Of(NetworkVariant.CachedModules, [.. Enumerable.Repeat(new FeatureTensor(ElementType.Float32, [1, 1]), 24)]);
        // The modulation of a block: a matrix of `chunks` chunks, each as wide as the stream.
        var modulation = model.Initializers.Where(tensor => tensor.Dimensions is [var rows, var columns] && rows == chunks * columns).ToArray();
        var parts = derived.Initializers.Where(tensor => tensor.Dimensions is [_, _] && modulation.Any(whole => tensor.Name.StartsWith($"{whole.Name}[", StringComparison.Ordinal))).ToArray();
        Assert.NotEmpty(parts);
        Assert.DoesNotContain(derived.Initializers, tensor => modulation.Any(whole => whole.Name == tensor.Name && parts.Any(part => part.Name.StartsWith($"{whole.Name}[", StringComparison.Ordinal))));
        Assert.All(parts, part => Assert.Equal(part.Dimensions[1], part.Dimensions[0]));
        Assert.All(parts.GroupBy(part => part.Name[..part.Name.LastIndexOf('[')]), of => Assert.Equal(gates, of.Count()));
        // Ranges of the same file.
        Assert.All(parts, part => Assert.NotNull(part.Bytes));
    }

    [Fact]
    public void CachedForm_DependsOnWhatItIsGiven()
    {
        using var evaluator = TestDenoisers.Open("dit", out var shape, out var conditioning);
        evaluator.Prepare(FeatureScope.Modules, shape, conditioning);
        using var input = Latent.Rent(shape);
        new PhiloxNoise(3).Fill(0, input);
        float[] Evaluate(float feature)
        {
            using var result = Latent.Rent(shape);
            var row = new NetworkRow(input, 500, conditioning, result) { Variant = NetworkVariant.CachedModules, Features = new Constant(feature) };
            evaluator.Evaluate(new(NetworkVariant.CachedModules, shape, conditioning.ShapeKey), [row]);
            return result.Values.ToArray();
        }
        Assert.Equal(Evaluate(0.5f), Evaluate(0.5f));
        Assert.NotEqual(Evaluate(0), Evaluate(0.5f));
    }

    [Fact]
    public void RenewedSession_OpensItsFormsAgain()
    {
        using var evaluator = TestDenoisers.Open("dit", out var shape, out var conditioning);
        evaluator.Prepare(FeatureScope.Modules, shape, conditioning);
        using var input = Latent.Rent(shape);
        new PhiloxNoise(3).Fill(0, input);
        float[] Evaluate(NetworkVariant variant)
        {
            using var result = Latent.Rent(shape);
            evaluator.Evaluate(new(variant, shape, conditioning.ShapeKey), [new NetworkRow(input, 500, conditioning, result) { Variant = variant, Features = new Constant(0.1f) }]);
            return result.Values.ToArray();
        }
        var (full, cached) = (Evaluate(NetworkVariant.Full), Evaluate(NetworkVariant.CachedModules));
        evaluator.Renew();
        Assert.Equal(cached, Evaluate(NetworkVariant.CachedModules));
        Assert.Equal(full, Evaluate(NetworkVariant.Full));
        evaluator.Renew();
        Assert.Equal(32 * 64, evaluator.Prepare(FeatureScope.Stack, shape, conditioning).Cached[0]);
    }

    [Fact]
    public void UNet_CachesItsOutputAlone()
    {
        using var evaluator = TestDenoisers.Open("sd15", out var shape, out var conditioning);
        Assert.Equal(shape.Length, Assert.Single(evaluator.Prepare(FeatureScope.Output, shape, conditioning).Cached));
        Assert.Throws<AnalysisException>(() => evaluator.Prepare(FeatureScope.Modules, shape, conditioning));
    }

    [Theory]
    [InlineData("sd15")]
    [InlineData("sdxl")]
    public void OuterPartOfAUNet_GivesWhatTheWholeGives(string name)
    {
        using var evaluator = TestDenoisers.Open(name, out var shape, out var conditioning);
        var connections = evaluator.UNet.Connections.Length;
        for (var branch = 1; branch <= connections; branch++)
            Assert.True(Assert.Single(evaluator.Prepare(FeatureScope.Deep(branch), shape, conditioning).Cached) > 0);
        output.WriteLine(string.Join('\n', evaluator.Variants));
        Assert.All(evaluator.Variants, report => Assert.True(report.Error <= Tolerance, $"{report}"));
        var nodes = evaluator.Variants.Where(report => report.Variant.Form == NetworkForm.CachedDeep).Select(report => report.Nodes).ToArray();
        // The further in the connection, the more is computed.
        Assert.Equal(connections, nodes.Length);
        Assert.Equal(nodes.Order(), nodes);
        Assert.Contains($"no {connections}", Assert.Throws<AnalysisException>(() => evaluator.Prepare(FeatureScope.Deep(connections + 1), shape, conditioning)).Message);
    }

    [Fact]
    public void Cuts_ThatLeaveNothing_AreRefused_WithTheNumberOfBlocks()
    {
        using var evaluator = TestDenoisers.Open("dit", out var shape, out var conditioning);
        Assert.Contains("4 blocks", Assert.Throws<AnalysisException>(() => evaluator.Prepare(FeatureScope.Probe(3, 1), shape, conditioning)).Message);
        Assert.Contains("skip connections", Assert.Throws<AnalysisException>(() => evaluator.Prepare(FeatureScope.Deep(1), shape, conditioning)).Message);
    }

    // Every scope, cut wherever the network can be.
    private static IEnumerable<FeatureScope> Scopes(NetworkStructure structure) =>
    [
        FeatureScope.Output, FeatureScope.Modules, FeatureScope.Verified, FeatureScope.Attention, FeatureScope.Stack, FeatureScope.ModulatedStack, FeatureScope.Forecast(),
        .. from first in Enumerable.Range(1, structure.Blocks - 1)
           from last in Enumerable.Range(0, structure.Blocks - first)
           where structure.WhyNotCut(first, last) is null
           select FeatureScope.Probe(first, last),
    ];

    private sealed class Constant(float value) : IFeatures
    {
        public void Provide(NetworkVariant variant, int index, Span<float> values) => values.Fill(value);

        public void Receive(NetworkVariant variant, int index, ReadOnlySpan<float> values) => throw new InvalidOperationException("A cached form gives nothing.");
    }
}

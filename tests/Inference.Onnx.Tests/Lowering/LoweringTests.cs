using Inference.Sampling;
using Xunit.Abstractions;

namespace Inference.Onnx.Tests;

/// <summary>The edits that bring a network to a provider: what they change, and that its numbers stay.</summary>
public sealed class LoweringTests(ITestOutputHelper output)
{
    public static TheoryData<string> Networks => new("pictogram-128", "dit", "pixart", "sd3", "flux", "fluxschnell", "sd15", "sdxl", "lcm", "sd21v");

    public static TheoryData<string> Transformers => new("pictogram-128", "dit", "pixart", "sd3", "flux", "fluxschnell");

    [Theory]
    [InlineData("pictogram-128", 16, 16)]
    [InlineData("dit", 4, 4)]
    // The other half has a mask.
    [InlineData("pixart", 6, 3)]
    [InlineData("sd3", 3, 3)]
    [InlineData("flux", 4, 4)]
    [InlineData("sd15", 8, 8)]
    [InlineData("sdxl", 16, 16)]
    [InlineData("lcm", 8, 8)]
    [InlineData("sd21v", 8, 8)]
    public void Attention_IsFused(string name, int attentions, int fused)
    {
        var model = OnnxModel.Read(TestNetworks.PathOf(name));
        Assert.Equal(attentions, model.Nodes.Count(node => node.Operator == "Softmax"));
        Assert.Equal(fused, FusedAttention.Apply(model));
        Assert.Equal((attentions - fused, fused), (model.Nodes.Count(node => node.Operator == "Softmax"), model.Nodes.Count(node => node.Operator == "MultiHeadAttention")));
    }

    [Theory]
    [InlineData("pictogram-128", 25)]
    [InlineData("dit", 9)]
    [InlineData("sd15", 12)]
    public void Norms_AreWrittenOut(string name, int norms)
    {
        var model = OnnxModel.Read(TestNetworks.PathOf(name));
        Assert.Equal(norms, RowNorms.Apply(model));
        Assert.DoesNotContain(model.Nodes, node => node.Operator == "LayerNormalization");
    }

    [Theory]
    // Ten products a block; the projections at both ends stay.
    [InlineData("pictogram-128", 80)]
    [InlineData("dit", 25)]
    [InlineData("sd3", 35)]
    [InlineData("sd15", 40)]
    public void Products_AreQuantized(string name, int products)
    {
        var model = OnnxModel.Read(TestNetworks.PathOf(name));
        using var weights = new GraphWeights(model);
        Assert.Equal(products, Int8Products.Apply(model, weights));
        Assert.Equal(products, model.Nodes.Count(node => node.Operator == "MatMulIntegerToFloat"));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Edits_KeepTheNumbers(string name)
    {
        foreach (var (precision, attention, bound) in new[]
        {
            (Precision.Float32, AttentionForm.Exported, 2e-6),
            (Precision.Float32, AttentionForm.Fused, 2e-6),
            (Precision.Int8, AttentionForm.Fused, 2e-2),
            (Precision.Float16, AttentionForm.Exported, 5e-3),
        })
        {
            using var graph = TestSessions.With(precision, attention).OpenDenoiser(TestNetworks.PathOf(name));
            output.WriteLine($"{precision} {attention}: {graph.Difference:E2}");
            Assert.NotNull(graph.Difference);
            Assert.InRange(graph.Difference.Value, precision == Precision.Float32 ? 0 : 1e-5, bound);
            Assert.Single(graph.Input("timestep").Dimensions);
        }
    }

    [Fact]
    public void ARenewedNetwork_IsTheSame_AndIsNotComparedAgain()
    {
        using var first = TestSessions.With(Precision.Int8).OpenDenoiser(TestNetworks.PathOf("dit"));
        using var again = first.Reopen();
        Assert.Equal((first.Precision, first.Difference), (again.Precision, again.Difference));
        Assert.Equal(0, GraphAgreement.Difference(first, again), 1e-6);
        using var plain = TestSessions.Cpu.Open(TestNetworks.PathOf("dit"));
        Assert.Throws<InvalidOperationException>(plain.Reopen);
    }

    [Fact]
    public void Bfloat16_IsRefusedByNameOnTheCpu()
    {
        var exception = Assert.Throws<PrecisionException>(() => TestSessions.With(Precision.BFloat16).OpenDenoiser(TestNetworks.PathOf("dit")));
        output.WriteLine(exception.Message);
        Assert.Contains("precision bfloat16", exception.Message);
        Assert.Contains("'cpu' has no kernels", exception.Message);
    }

    [Fact]
    public void Bfloat16_IsTheSameEditAsFloat16()
    {
        var (half, bfloat) = (OnnxModel.Read(TestNetworks.PathOf("dit")), OnnxModel.Read(TestNetworks.PathOf("dit")));
        HalfPrecision.Apply(half, OnnxTensor.HalfType);
        HalfPrecision.Apply(bfloat, OnnxTensor.BFloatType);
        Assert.Equal(half.Nodes.Select(node => node.Operator), bfloat.Nodes.Select(node => node.Operator));
        Assert.Contains(bfloat.Nodes, node => node.Operator == "Cast" && OnnxAttribute.NumberOf(node, "to", 0) == OnnxTensor.BFloatType);
        Assert.DoesNotContain(bfloat.Nodes, node => node.Operator == "Cast" && OnnxAttribute.NumberOf(node, "to", 0) == OnnxTensor.HalfType);
    }

    [Fact]
    public void AFloat16Export_IsServed_ThoughItsNodesAreInNoOrder()
    {
        var path = TestNetworks.PathOf("sd15-fp16");
        Assert.Throws<AnalysisException>(() => new GraphIndex(OnnxModel.Read(path)));
        foreach (var precision in new[] { Precision.Float32, Precision.Float16 })
        {
            using var graph = TestSessions.With(precision, AttentionForm.Fused).OpenDenoiser(path);
            Assert.InRange(graph.Difference!.Value, 0, 1e-2);
        }
        Assert.Contains("no product of float32", Assert.Throws<PrecisionException>(() => TestSessions.With(Precision.Int8).OpenDenoiser(path)).Message);
        Assert.Contains("exported in another type", Assert.Throws<PrecisionException>(() => Lower(path, Precision.BFloat16)).Message);
    }

    [Fact]
    public void AGraphWithBranches_IsRefusedInHalfPrecision()
    {
        var path = TestNetworks.PathOf("pixart");
        Assert.Contains("node If", Assert.Throws<PrecisionException>(() => Lower(path, Precision.Float16)).Message);
    }

    private static void Lower(string path, Precision precision)
    {
        var model = OnnxModel.Read(path);
        using var weights = new GraphWeights(model);
        _ = new Lowering(new() { Precision = precision }, onCpu: false).Of(model, weights);
    }

    [Theory]
    [MemberData(nameof(Transformers))]
    public void CachingForms_GoTheSameWay(string name)
    {
        using var evaluator = TestDenoisers.Open(name, out var shape, out var conditioning, TestSessions.With(Precision.Int8, AttentionForm.Fused));
        Assert.Equal(NetworkStructure.Of(TestNetworks.PathOf(name)).Branches.Length, evaluator.Structure.Branches.Length);
        foreach (var scope in new[] { FeatureScope.Modules, FeatureScope.Attention, FeatureScope.Stack, FeatureScope.ModulatedStack, FeatureScope.Probe(), FeatureScope.Verified })
            evaluator.Prepare(scope, shape, conditioning);
        output.WriteLine(string.Join('\n', evaluator.Variants));
        Assert.All(evaluator.Variants, report => Assert.True(report.Error is null or < 3e-2, $"{report}"));
    }

    [Theory]
    [InlineData(Precision.Float32, 1e-5)]
    [InlineData(Precision.Int8, 1e-2)]
    public void ARow_DoesNotDependOnItsCompany(Precision precision, double bound)
    {
        using var evaluator = TestDenoisers.Open("pictogram-128", out var shape, out var conditioning, TestSessions.With(precision));
        var loud = new Conditioning([.. conditioning.Tensors.Select(tensor => ConditioningTensor.Of(tensor.Name, tensor.Shape, [.. tensor.Floats!.Select(value => 100 * value)]))]);
        var alone = Evaluate(Row(1, 1, conditioning));
        // A scale a batch would be the loudest row's, and leave this one a step or two.
        var together = Evaluate(Row(1, 1, conditioning), Row(2, 100, loud), Row(3, 100, loud));
        var scale = alone.Max(Math.Abs);
        var difference = alone.Zip(together, (a, b) => Math.Abs(a - b)).Max() / scale;
        output.WriteLine($"{difference:E2}");
        Assert.InRange(difference, 0, bound);

        NetworkRow Row(int seed, float amplitude, Conditioning condition)
        {
            var input = Latent.Rent(shape);
            new PhiloxNoise((ulong)seed).Fill(0, input);
            foreach (ref var value in input.Values)
                value *= amplitude;
            return new(input, 500, condition, Latent.Rent(shape));
        }

        float[] Evaluate(params NetworkRow[] rows)
        {
            evaluator.Evaluate(new(NetworkVariant.Full, shape, conditioning.ShapeKey), rows);
            var result = rows[0].Output.Values.ToArray();
            foreach (var row in rows)
            {
                row.Input.Dispose();
                row.Output.Dispose();
            }
            return result;
        }
    }
}

using Xunit.Abstractions;

namespace Inference.Onnx.Tests;

public sealed class NetworkStructureTests(ITestOutputHelper output)
{
    public static TheoryData<string> Transformers => new("pictogram-128", "dit", "pixart", "sd3", "flux", "fluxschnell");

    [Theory]
    [InlineData("pictogram-128", 8, 24)]
    [InlineData("dit", 4, 8)]
    [InlineData("pixart", 3, 9)]
    [InlineData("sd3", 3, 10)]
    [InlineData("flux", 4, 10)]
    [InlineData("fluxschnell", 4, 10)]
    public void Branches_AreAllFound(string model, int blocks, int branches)
    {
        var structure = NetworkStructure.Of(TestNetworks.PathOf(model));
        output.WriteLine(string.Join('\n', structure.Branches));
        Assert.Equal(blocks, structure.Blocks);
        Assert.Equal(branches, structure.Branches.Length);
        Assert.Equal(branches, structure.Branches.Select(branch => branch.Value).Distinct().Count());
    }

    [Theory]
    [InlineData("pictogram-128", "Image Attention, Image CrossAttention, Image FeedForward")]
    [InlineData("dit", "Image Attention, Image FeedForward")]
    [InlineData("pixart", "Image Attention, Image CrossAttention, Image FeedForward")]
    [InlineData("sd3", "Image Attention, Image FeedForward, Context Attention, Context FeedForward")]
    [InlineData("flux", "Image Attention, Image FeedForward, Context Attention, Context FeedForward")]
    public void FirstBlock_HasTheBranchesOfItsFamily(string model, string expected) =>
        Assert.Equal(expected, string.Join(", ", NetworkStructure.Of(TestNetworks.PathOf(model)).Branches.Where(branch => branch.Block == 0).Select(branch => $"{branch.Stream} {branch.Kind}")));

    [Fact]
    public void SingleStreamBlocks_AreFused_AndTheirAttentionIsFoundInside()
    {
        var structure = NetworkStructure.Of(TestNetworks.PathOf("flux"));
        var single = structure.Branches[^2..];
        Assert.All(single, branch => Assert.Equal((StreamKind.Joint, BranchKind.Fused), (branch.Stream, branch.Kind)));
        Assert.All(single, branch => Assert.NotEqual(branch.Value, branch.Attention));
        Assert.Equal(6, structure.Attentions.Length);
        Assert.Equal(2, structure.AfterProbe.Length);
    }

    [Theory]
    [MemberData(nameof(Transformers))]
    public void Names_AreNotRead(string name)
    {
        var model = OnnxModel.Read(TestNetworks.PathOf(name));
        AssertEqual(StructureAnalysis.Run(model), StructureAnalysis.Run(RenamedGraph.Of(model)));
    }

    [Theory]
    [MemberData(nameof(Transformers))]
    public void Weights_AreSeenThroughDequantizeLinear(string name)
    {
        var model = OnnxModel.Read(TestNetworks.PathOf(name));
        var expected = StructureAnalysis.Run(model);
        // Each weight of a product comes out of a DequantizeLinear in front of the graph.
        var weights = model.Initializers.Where(tensor => tensor.Dimensions.Length > 1).Select(tensor => tensor.Name).ToHashSet();
        foreach (var node in model.Nodes.Where(node => node.Operator is "MatMul" or "Gemm" or "Conv"))
            for (var i = 0; i < node.Inputs.Count; i++)
                if (weights.Contains(node.Inputs[i]))
                    node.Inputs[i] += ".dequantized";
        model.Nodes.InsertRange(0, weights.Select(weight => new OnnxNode("", "DequantizeLinear", [weight, weights.First()], [weight + ".dequantized"], [])));
        var found = StructureAnalysis.Run(model);
        Assert.Equal(expected.Branches.Select(branch => (branch.Block, branch.Stream, branch.Kind)), found.Branches.Select(branch => (branch.Block, branch.Stream, branch.Kind)));
    }

    [Theory]
    [InlineData("sd15")]
    [InlineData("sdxl")]
    [InlineData("lcm")]
    public void UNets_AreRefused_WithTheReason(string name)
    {
        var exception = Assert.Throws<AnalysisException>(() => NetworkStructure.Of(TestNetworks.PathOf(name)));
        output.WriteLine(exception.Message);
        Assert.Contains("U-Net", exception.Reason);
    }

    private static void AssertEqual(NetworkStructure expected, NetworkStructure actual)
    {
        Assert.Equal(expected.Branches.ToArray(), actual.Branches.ToArray());
        Assert.Equal((expected.Blocks, expected.Entry, expected.Final), (actual.Blocks, actual.Entry, actual.Final));
        Assert.Equal(expected.Modulated, actual.Modulated);
        Assert.Equal(expected.Cuts.Select(cut => cut.ToArray()), actual.Cuts.Select(cut => cut.ToArray()));
    }
}

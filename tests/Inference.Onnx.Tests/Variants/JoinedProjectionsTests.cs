using System.Collections.Immutable;
using Inference.Sampling;

namespace Inference.Onnx.Tests;

/// <summary>The gates of all blocks as one projection; that the numbers stay the same is checked with every form (<see cref="NetworkVariantsTests"/>).</summary>
public sealed class JoinedProjectionsTests
{
    private static readonly ImmutableArray<FeatureTensor> Taken = [.. Enumerable.Repeat(new FeatureTensor(ElementType.Float32, [1, 1]), 24)];

    [Fact]
    public void GatesOfAllBlocks_AreOneProjection_AndFormsKeepTheirOwn()
    {
        var model = OnnxModel.Read(TestNetworks.PathOf("pictogram-128"));
        using var weights = new GraphWeights(model);
        var (modules, attention) = (Derive(NetworkVariant.CachedModules), Derive(NetworkVariant.CachedAttention));
        // 8 blocks of 3 gates, with attention given also the shift and scale of the feed-forward network, and the modulation of the last layer.
        Assert.Equal((25, 41), (Joined(modules).Length, Joined(attention).Length));
        Assert.NotEqual(Weight(modules).Name, Weight(attention).Name);
        Assert.Equal(26 * 256, Weight(modules).Dimensions[0]);
        Assert.Equal(42 * 256, Weight(attention).Dimensions[0]);

        OnnxModel Derive(NetworkVariant variant)
        {
            var derived = new VariantGraphs(model, StructureAnalysis.Run(model)).Of(variant, Taken);
            weights.Include(derived);
            WidenedWeights.Apply(derived, weights);
            JoinedProjections.Apply(derived, weights);
            return derived;
        }
    }

    private static OnnxTensor Weight(OnnxModel model) => Assert.Single(model.Initializers, tensor => tensor.Name.StartsWith("joined(", StringComparison.Ordinal) && tensor.Name.EndsWith(".weight", StringComparison.Ordinal) && tensor.Dimensions.Length == 2);

    private static OnnxNode[] Joined(OnnxModel model) => [.. model.Nodes.Where(node => node.Operator == "Slice" && node.Inputs[0].StartsWith("joined(", StringComparison.Ordinal))];
}

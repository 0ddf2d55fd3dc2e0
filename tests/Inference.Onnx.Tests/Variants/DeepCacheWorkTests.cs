using Inference.Sampling;
using Xunit.Abstractions;

namespace Inference.Onnx.Tests;

/// <summary>The share of a U-Net's multiplications and additions that DeepCache's skipped steps leave out, counted on the shapes of a run.</summary>
public sealed class DeepCacheWorkTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("sd15")]
    [InlineData("sdxl")]
    public void SkippedSteps_LeaveOutMostOfTheWork_TheMoreTheFurtherOutTheCut(string name)
    {
        var model = OnnxModel.Read(TestNetworks.PathOf(name));
        var structure = UNetStructure.Of(model);
        var work = WorkOf(model);
        var all = work.Values.Sum();
        var shares = Enumerable.Range(1, structure.Connections.Length).Select(connection =>
        {
            var outer = UNetGraphs.Of(model, structure, new(NetworkForm.CachedDeep, new(connection, 0)), [new(ElementType.Float32, [1, 1, 1])]);
            return 1 - (double)outer.Nodes.Sum(node => work.GetValueOrDefault(node.Outputs[0])) / all;
        }).ToArray();
        output.WriteLine($"{name}: {all / 1e6:F1} million multiply-adds a row; left out by branch: {string.Join(", ", shares.Select(share => share.ToString("P0")))}");
        Assert.Equal(shares.OrderDescending(), shares);
        Assert.InRange(shares[0], 0.5, 0.99);
        Assert.InRange(shares[^1], 0, 0.5);
    }

    // Multiply-adds of every product, by its output: of as many numbers each is the sum of what its second factor has for one.
    private static Dictionary<string, long> WorkOf(OnnxModel model)
    {
        var graph = new GraphIndex(model);
        int[] products = [.. Enumerable.Range(0, graph.Count).Where(node => graph.Operator(node) is "Conv" or "MatMul" or "Gemm")];
        string[] names = [.. products.SelectMany(node => new[] { graph.Outputs(node)[0], graph.Inputs(node)[0] }).Distinct().Where(name => graph.Maker(name) >= 0)];
        var edit = new GraphEdit(model).KeepOutput();
        for (var i = 0; i < names.Length; i++)
            edit.Output($"shape.{i}", names[i]);
        using var weights = new GraphWeights(model);
        using var session = TestSessions.Cpu.Open(edit.Finish(), weights, Lowering.None);
        var inputs = session.Inputs.ToDictionary(input => input.Name, input => input.Dimensions.Select((dimension, i) => dimension > 0 ? dimension : i == 0 ? 1L : i == 1 ? 6 : 16).ToArray());
        using var run = session.Bind(inputs, new Dictionary<string, long[]>());
        var shapes = names.Zip(run.ShapesOf([.. names.Select((_, i) => $"shape.{i}")])).ToDictionary(pair => pair.First, pair => pair.Second);
        var dimensions = model.Initializers.ToDictionary(tensor => tensor.Name, tensor => tensor.Dimensions);
        return products.ToDictionary(node => graph.Outputs(node)[0], node =>
        {
            var results = shapes[graph.Outputs(node)[0]].Aggregate(1L, (product, dimension) => product * dimension);
            return results * (graph.Operator(node) switch
            {
                // Kernels are (out, in a group, height, width).
                "Conv" => dimensions[graph.Inputs(node)[1]].Skip(1).Aggregate(1L, (product, dimension) => product * dimension),
                _ => shapes.TryGetValue(graph.Inputs(node)[0], out var left) ? left[^1] : inputs[graph.Inputs(node)[0]][^1],
            });
        });
    }
}

using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>
/// Small projections of one value are computed as one: the gates of all blocks are projections of the same embedding, each too small to be worth a second
/// thread. The weights of the joint one are a copy, so large ones are left alone; there is nothing to gain from them either.
/// </summary>
internal static class JoinedProjections
{
    private const long SmallWeights = 1 << 18;

    /// <summary>Edits a model in place.</summary>
    /// <param name="model">A graph whose projections have float32 weights.</param>
    /// <param name="weights">Holds the weights.</param>
    public static void Apply(OnnxModel model, GraphWeights weights)
    {
        var tensors = model.Initializers.DistinctBy(tensor => tensor.Name).ToDictionary(tensor => tensor.Name);
        var groups = model.Nodes.Where(IsSmall).GroupBy(node => (node.Inputs[0], tensors[node.Inputs[1]].Dimensions[1], AttributesOf(node))).Where(group => group.Count() > 1).ToArray();
        foreach (var group in groups)
            Join(model, weights, [.. group], tensors);

        bool IsSmall(OnnxNode node) =>
            node is { Operator: "Gemm", Inputs.Count: 3, Attributes.Count: > 0 } && Linear.Is(node)
            && tensors.TryGetValue(node.Inputs[1], out var weight) && weight is { Type: OnnxTensor.FloatType, Bytes: not null, Dimensions: [var rows, _], Count: <= SmallWeights }
            && tensors.TryGetValue(node.Inputs[2], out var bias) && bias is { Type: OnnxTensor.FloatType, Dimensions: [var width] } && rows == width
            && !model.Outputs.Any(output => OnnxModel.NameOf(output) == node.Outputs[0]);
    }

    private static void Join(OnnxModel model, GraphWeights weights, OnnxNode[] projections, Dictionary<string, OnnxTensor> tensors)
    {
        var (matrices, biases) = (projections.Select(node => tensors[node.Inputs[1]]).ToArray(), projections.Select(node => tensors[node.Inputs[2]]).ToArray());
        // Other forms join other projections, and hold their weights in the same place.
        var name = $"joined({string.Join('+', matrices.Select(matrix => matrix.Name))})";
        var rows = matrices.Sum(matrix => matrix.Dimensions[0]);
        if (weights.Join($"{name}.bias", biases, [rows]) is not { } bias || weights.Join($"{name}.weight", matrices, [rows, matrices[0].Dimensions[1]]) is not { } weight)
            return;
        model.Initializers.AddRange([weight, bias, Index($"{name}.axis", 1)]);
        var nodes = new List<OnnxNode> { projections[0].Copy() with { Name = "", Inputs = [projections[0].Inputs[0], weight.Name, bias.Name], Outputs = [name] } };
        var first = 0L;
        for (var i = 0; i < projections.Length; i++)
        {
            model.Initializers.AddRange([Index($"{name}.{i}.start", first), Index($"{name}.{i}.end", first += matrices[i].Dimensions[0])]);
            nodes.Add(new("", "Slice", [name, $"{name}.{i}.start", $"{name}.{i}.end", $"{name}.axis"], [projections[i].Outputs[0]], []));
        }
        var at = model.Nodes.IndexOf(projections[0]);
        model.Nodes.RemoveAll(projections.Contains);
        model.Nodes.InsertRange(at, nodes);
        var read = model.Nodes.SelectMany(node => node.Inputs.Concat(node.Captured)).ToHashSet();
        model.Initializers.RemoveAll(tensor => !read.Contains(tensor.Name));
    }

    private static string AttributesOf(OnnxNode node) => string.Join(' ', node.Attributes.Select(Convert.ToHexString).Order(StringComparer.Ordinal));

    // TensorProto: dims 1, data_type 2, name 8, raw_data 9.
    private static OnnxTensor Index(string name, long value)
    {
        var message = new ProtoWriter().Number(1, 1).Number(2, OnnxTensor.LongType).Text(8, name).Bytes(OnnxTensor.RawData, MemoryMarshal.AsBytes<long>([value])).ToArray();
        return new(name, OnnxTensor.LongType, [1], message, null);
    }
}

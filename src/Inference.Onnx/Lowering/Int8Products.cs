namespace Inference.Onnx;

/// <summary>
/// Products of tokens and weights in 8-bit integers (dynamic quantization, Jacob et al. 2018, arXiv:1712.05877, eq. 7): x ≈ s·q with one scale s a token,
/// its largest absolute value over 127, and W ≈ t·Q with one scale a column; x·W ≈ s·t·(q·Q), the sum being exact in 32 bits. Since a token's scale is its
/// own, a row does not depend on the batch it is in. Products at the ends of a network, a small part of its work, stay float32.
/// </summary>
internal sealed class Int8Products
{
    // Of the largest matrix.
    private const int SmallestShare = 8;
    private const float Steps = 127;
    private const byte Zero = 128;
    // A token of zeros has a scale too.
    private const float Smallest = 1e-30f;

    private readonly GraphBuilder _builder;
    private readonly Dictionary<string, (string Values, string Scale)> _quantized = [];

    private Int8Products(GraphBuilder builder) => _builder = builder;

    /// <summary>Edits a model in place.</summary>
    /// <param name="model">The model.</param>
    /// <param name="weights">Holds its weights, and their quantized form from now on.</param>
    /// <returns>Number of products quantized.</returns>
    public static int Apply(OnnxModel model, GraphWeights weights)
    {
        var (constants, graph, builder) = (new GraphConstants(model), new GraphIndex(model), new GraphBuilder(model, "int8"));
        var edit = new Int8Products(builder);
        OnnxTensor? WeightOf(OnnxNode node) => node is { Operator: "MatMul", Domain: "", Inputs: [var tokens, var matrix] } && !graph.IsConstant(tokens)
            && constants.Weight(matrix) is { Dimensions: [_, _], Bytes: not null } weight && weights.Has(weight.Name) ? weight : null;
        var found = model.Nodes.Select(node => (Node: node, Weight: WeightOf(node))).ToArray();
        var least = found.Max(product => product.Weight?.Count ?? 0) / SmallestShare;
        var count = 0;
        foreach (var (node, weight) in found)
            if (weight is not null && weight.Count >= least)
            {
                edit.Write(model, node, weight, weights);
                count++;
            }
            else
            {
                builder.Add(node);
            }
        builder.Finish();
        return count;
    }

    private void Write(OnnxModel model, OnnxNode product, OnnxTensor weight, GraphWeights weights)
    {
        var (values, scale) = Quantize(product.Inputs[0]);
        var (name, columns) = ($"{weight.Name}.int8", $"{weight.Name}.int8.scales");
        var scales = weights.Quantize(weight, name);
        if (model.Initializers.All(tensor => tensor.Name != name))
        {
            // The runtime is given the values; the place they would be read from is never looked at.
            model.Initializers.Add(weight with { Name = name, Type = OnnxTensor.SignedByteType, Bytes = weight.Bytes! with { Length = 0 } });
            model.Initializers.Add(OnnxTensor.Inline<float>(columns, OnnxTensor.FloatType, [scales.Length], scales));
        }
        var sums = _builder.AddMicrosoft("MatMulIntegerToFloat", [values, name, _builder.Scalar(1 / Steps), columns, _builder.Byte(Zero)]);
        _builder.Add(new("", "Mul", [sums, scale], [product.Outputs[0]], []));
    }

    // Once for all products of the same tokens.
    private (string Values, string Scale) Quantize(string tokens)
    {
        if (_quantized.TryGetValue(tokens, out var known))
            return known;
        var largest = _builder.Add("Max", [_builder.ReduceLast("ReduceMax", tokens), _builder.Add("Neg", [_builder.ReduceLast("ReduceMin", tokens)]), _builder.Scalar(Smallest)]);
        var unit = _builder.Add("Mul", [tokens, _builder.Add("Reciprocal", [largest])]);
        return _quantized[tokens] = (_builder.Add("QuantizeLinear", [unit, _builder.Scalar(1 / Steps), _builder.Byte(Zero)]), largest);
    }
}

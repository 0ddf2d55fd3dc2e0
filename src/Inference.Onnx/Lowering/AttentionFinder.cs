namespace Inference.Onnx;

/// <summary>Finds attention in a graph by its softmax. Attention with a mask, or whose number of heads the graph does not tell, is left alone.</summary>
internal sealed class AttentionFinder
{
    private readonly OnnxModel _model;
    private readonly GraphIndex _graph;
    private readonly KnownNumbers _numbers;
    private readonly GraphConstants _constants;

    private AttentionFinder(OnnxModel model) => (_model, _graph, _numbers, _constants) = (model, new(model), new(new(model)), new(model));

    /// <summary>Every attention that can be computed as a whole.</summary>
    public static IEnumerable<AttentionPattern> Find(OnnxModel model)
    {
        var finder = new AttentionFinder(model);
        return model.Nodes.Where(node => node.Operator == "Softmax").Select(finder.Match).OfType<AttentionPattern>();
    }

    private AttentionPattern? Match(OnnxNode softmax)
    {
        if (OnnxAttribute.NumberOf(softmax, "axis", -1) is not (-1 or 3) || Only(softmax.Outputs[0]) is not { Operator: "MatMul" } mixing || mixing.Inputs[0] != softmax.Outputs[0]
            || Only(mixing.Outputs[0]) is not { Operator: "Transpose" } result || !IsPermutation(result, 0, 2, 1, 3))
            return null;
        var (scales, divisors, scores) = (new List<string>(), new List<string>(), softmax.Inputs[0]);
        // A scale after the product of queries and keys.
        while (Maker(scores) is { Operator: "Mul" or "Div" or "Cast" } scaling && scaling.Operator != "Cast" && IsScalar(scaling.Inputs[1]))
        {
            (scaling.Operator == "Mul" ? scales : divisors).Add(scaling.Inputs[1]);
            scores = scaling.Inputs[0];
        }
        if (Maker(scores) is not { Operator: "MatMul" } product)
            return null;
        var query = Unscaled(product.Inputs[0], scales);
        var key = Unscaled(product.Inputs[1], scales);
        if (Maker(key) is not { Operator: "Transpose" } turned)
            return null;
        HeadsOf keys;
        if (IsPermutation(turned, 0, 2, 3, 1))
            keys = new(turned.Inputs[0], false);
        else if (IsPermutation(turned, 0, 1, 3, 2))
            keys = HeadsOf(turned.Inputs[0]);
        else
            return null;
        var (queries, values) = (HeadsOf(query), HeadsOf(mixing.Inputs[1]));
        return Heads(mixing.Inputs[1]) is { } heads ? new(queries, keys, values, [.. scales], [.. divisors], heads, result) : null;
    }

    private HeadsOf HeadsOf(string value) => Maker(value) is { Operator: "Transpose" } turned && IsPermutation(turned, 0, 2, 1, 3) ? new(turned.Inputs[0], false) : new(value, true);

    // Exporters of PyTorch scale queries and keys by the root of the scale each.
    private string Unscaled(string value, List<string> scales)
    {
        if (Maker(value) is not { Operator: "Mul" } scaling || !IsScalar(scaling.Inputs[1]))
            return value;
        scales.Add(scaling.Inputs[1]);
        return scaling.Inputs[0];
    }

    // The third dimension of the view [batch, tokens, heads, width], through whatever lies between: joint attention puts several of them side by side.
    private long? Heads(string value)
    {
        while (Maker(value) is { } node)
        {
            if (node.Operator == "Reshape")
                return Third(node.Inputs[1]) is > 0 and var heads ? heads : null;
            if (node.Operator is not ("Transpose" or "Concat" or "Cast" or "Identity" or "Mul" or "Slice"))
                return null;
            value = node.Inputs[0];
        }
        return null;
    }

    private long? Third(string shape)
    {
        if (_constants.Stored(shape) is { } stored)
            return stored.Longs() is [_, _, var third, _] ? third : null;
        while (Maker(shape) is { Operator: "Cast", Inputs: [var source] })
            shape = source;
        return Maker(shape) switch
        {
            { Operator: "Concat", Inputs: [_, _, var heads, _] } => _numbers.Of(heads),
            // unflatten(-1, (heads, -1)): the dimensions before, the two, those behind.
            { Operator: "Concat", Inputs: [_, var two, _] } => _constants.Stored(two)?.Longs() is [var heads, -1] ? heads : null,
            _ => null,
        };
    }

    // A single number, whatever it is computed from: dimensions, their roots.
    private bool IsScalar(string value)
    {
        for (var depth = 0; depth < 16; depth++)
        {
            if (_constants.Stored(value) is { } stored)
                return stored.Count == 1;
            if (Maker(value) is not { Operator: "Cast" or "Sqrt" or "Div" or "Mul" or "Reciprocal" or "Slice" or "Gather" or "Squeeze" or "Unsqueeze" or "Identity" } node)
                return false;
            if (node.Operator is "Slice" or "Gather" && Maker(node.Inputs[0]) is { Operator: "Shape" })
                return node.Operator == "Slice" || _constants.Stored(node.Inputs[1]) is { Count: 1 };
            if (node.Operator is "Slice" or "Gather" || (node.Operator is "Div" or "Mul" && !IsScalar(node.Inputs[1])))
                return false;
            value = node.Inputs[0];
        }
        return false;
    }

    private static bool IsPermutation(OnnxNode transpose, params ReadOnlySpan<long> order) => order.SequenceEqual(OnnxAttribute.NumbersOf(transpose, "perm"));

    private OnnxNode? Maker(string value) => _graph.Maker(value) is >= 0 and var maker ? _model.Nodes[maker] : null;

    // The node that reads a value, where it is one; what reads the shape alone reads nothing that the fusion takes away.
    private OnnxNode? Only(string value) => _graph.Readers(value).ToArray() is [var reader] ? _model.Nodes[reader] : null;
}

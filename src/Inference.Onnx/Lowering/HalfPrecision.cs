using System.Collections.Frozen;

namespace Inference.Onnx;

/// <summary>
/// Mixed precision (Micikevicius et al. 2018, arXiv:1710.03740) as a graph edit: what is computed from the rows runs in a 16-bit type, except for
/// operators that sum or exponentiate; what is computed from the timestep alone, what angles are computed from, and the inputs and outputs stay float32.
/// </summary>
internal sealed class HalfPrecision
{
    private static readonly FrozenSet<string> Single = FrozenSet.Create(
        "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "InstanceNormalization", "GroupNormalization", "BatchNormalization", "Softmax", "LogSoftmax",
        "ReduceMean", "ReduceSum", "ReduceSumSquare", "ReduceL2", "ReduceMax", "ReduceMin", "Pow", "Sqrt", "Reciprocal", "Exp", "Log", "Sin", "Cos", "CumSum", "Range", "Resize", "Cast",
        "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "IsNaN", "QuantizeLinear");

    private static readonly FrozenSet<string> WithBodies = FrozenSet.Create("If", "Loop", "Scan");

    private readonly OnnxModel _model;
    private readonly int _type;
    private readonly GraphBuilder _builder;
    private readonly ValueTypes _types;
    private readonly GraphConstants _constants;
    private readonly HashSet<OnnxNode> _angles;
    // Values in the type, and float32 values, that there are so far, by their name in the export.
    private readonly Dictionary<string, string> _low = [];
    private readonly HashSet<string> _single = [];

    private HalfPrecision(OnnxModel model, int type)
    {
        (_model, _type, _builder, _types, _constants) = (model, type, new(model, "half"), new(model), new(model));
        // An angle of a thousand, rounded to a half, points anywhere.
        var angles = new GraphIndex(model).Needed(model.Nodes.Where(node => node.Operator is "Sin" or "Cos").SelectMany(node => node.Inputs), new HashSet<string>(), numbersOnly: true);
        _angles = [.. angles.Select(node => model.Nodes[node])];
    }

    /// <summary>Edits a model in place. A model that is in float16 already stays as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="type">Number of the 16-bit type (TensorProto.DataType).</param>
    /// <exception cref="PrecisionException">It has branches or loops, whose bodies are not edited, or nothing in float32.</exception>
    public static void Apply(OnnxModel model, int type)
    {
        var edit = new HalfPrecision(model, type);
        var precision = type == OnnxTensor.HalfType ? Precision.Float16 : Precision.BFloat16;
        if (!model.Inputs.Select(OnnxModel.NameOf).Any(edit._types.IsFloat))
            if (type == OnnxTensor.HalfType)
                return;
            else
                throw new PrecisionException(precision, $"{model.Path} takes no float32 input: it was exported in another type.");
        if (model.Nodes.FirstOrDefault(node => WithBodies.Contains(node.Operator)) is { } body)
            throw new PrecisionException(precision, $"{model.Path} has a node {body.Operator}, whose bodies are not converted.");
        foreach (var node in model.Nodes.ToArray())
            edit.Write(node);
        foreach (var output in model.Outputs.Select(OnnxModel.NameOf))
            if (edit._types.IsFloat(output))
                _ = edit.InSingle(output);
        edit._builder.Finish();
    }

    private void Write(OnnxNode node)
    {
        var outputs = node.Outputs.Where(_types.IsFloat).ToArray();
        if (node.Operator is "Shape" or "Size")
        {
            // The one there is will do.
            var value = node.Inputs[0];
            _builder.Add(node with { Inputs = [_low.TryGetValue(value, out var there) && !_single.Contains(value) ? there : value] });
        }
        else if (outputs.Length == 0 || Single.Contains(node.Operator) || _angles.Contains(node) || !node.Inputs.Any(input => _types.IsFloat(input) && _types.DependsOnRows(input)))
        {
            _builder.Add(node with { Inputs = [.. node.Inputs.Select(input => _types.IsFloat(input) ? InSingle(input) : input)] });
            _single.UnionWith(outputs);
        }
        else
        {
            _builder.Add(node with
            {
                Inputs = [.. node.Inputs.Select(input => _types.IsFloat(input) ? InType(input) : input)],
                Outputs = [.. node.Outputs.Select(output => _types.IsFloat(output) ? _low[output] = $"{output}.half" : output)],
            });
        }
    }

    private string InSingle(string value)
    {
        if (_low.TryGetValue(value, out var low) && _single.Add(value))
            _builder.Add(new("", "Cast", [low], [value], [OnnxAttribute.Number("to", OnnxTensor.FloatType)]));
        return value;
    }

    private string InType(string value)
    {
        if (_low.TryGetValue(value, out var low))
            return low;
        // Weights that are stored in float16 need not be widened first.
        var stored = _constants.Weight(value) is { Type: OnnxTensor.HalfType } half && _model.Initializers.Any(tensor => tensor.Name == half.Name) ? half.Name : value;
        if (stored != value && _type == OnnxTensor.HalfType)
            return _low[value] = stored;
        low = _low[value] = $"{value}.half";
        _builder.Add(new("", "Cast", [stored], [low], [OnnxAttribute.Number("to", _type)]));
        _single.Add(value);
        return low;
    }
}

namespace Inference.Onnx;

/// <summary>Element types of the values of a graph (numbers of TensorProto.DataType), and which of its inputs each depends on.</summary>
internal sealed class ValueTypes
{
    private const int BoolType = 9;
    private const string Timestep = "timestep";
    private readonly Dictionary<string, int> _types = [];
    private readonly Dictionary<string, Sources> _sources = [];

    /// <summary>Which inputs of a network a value is computed from, its shape apart.</summary>
    [Flags]
    private enum Sources
    {
        None = 0,
        Timestep = 1,
        Rows = 2,
    }

    public ValueTypes(OnnxModel model)
    {
        foreach (var tensor in model.Initializers)
            _types[tensor.Name] = tensor.Type;
        foreach (var input in model.Inputs)
        {
            var name = OnnxModel.NameOf(input);
            (_types[name], _sources[name]) = (TypeOf(input), name == Timestep ? Sources.Timestep : Sources.Rows);
        }
        foreach (var node in model.Nodes)
            foreach (var output in node.Outputs)
            {
                _types[output] = TypeOf(node);
                _sources[output] = node.Operator is "Shape" or "Size" ? Sources.None
                    : node.Inputs.Aggregate(Sources.None, (sources, input) => sources | _sources.GetValueOrDefault(input));
            }
    }

    /// <summary>Whether a value is float32.</summary>
    public bool IsFloat(string value) => _types.GetValueOrDefault(value) == OnnxTensor.FloatType;

    /// <summary>Whether a value is computed from the rows, not from constants, shapes and the timestep alone.</summary>
    public bool DependsOnRows(string value) => _sources.GetValueOrDefault(value).HasFlag(Sources.Rows);

    private int TypeOf(OnnxNode node) => node.Operator switch
    {
        "Shape" or "Size" or "NonZero" or "ArgMax" or "ArgMin" => OnnxTensor.LongType,
        "Cast" => (int)OnnxAttribute.NumberOf(node, "to", OnnxTensor.FloatType),
        "Constant" => OnnxAttribute.TensorOf(node)?.Type ?? OnnxTensor.FloatType,
        "ConstantOfShape" => ValueOf(node),
        "Equal" or "Less" or "Greater" or "LessOrEqual" or "GreaterOrEqual" or "And" or "Or" or "Not" or "IsNaN" => BoolType,
        "Where" => _types.GetValueOrDefault(node.Inputs[1]),
        _ => node.Inputs.Count > 0 ? _types.GetValueOrDefault(node.Inputs[0]) : OnnxTensor.FloatType,
    };

    private static int ValueOf(OnnxNode node) => node.Attributes is [var attribute] && Proto.Fields(attribute).FirstOrDefault(field => field.Number == 5) is { Number: 5 } value
        ? OnnxTensor.Read(attribute, value.Start, value.Length).Type
        : OnnxTensor.FloatType;

    // ValueInfoProto: type 2 { tensor_type 1 { elem_type 1 } }.
    private static int TypeOf(byte[] input)
    {
        var type = Proto.Fields(input).First(field => field.Number == 2);
        var tensor = Proto.Fields(input, type.Start, type.Length).First(field => field.Number == 1);
        return (int)Proto.Fields(input, tensor.Start, tensor.Length).First(field => field.Number == 1).Value;
    }
}

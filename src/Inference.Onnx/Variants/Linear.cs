namespace Inference.Onnx;

/// <summary>y = x·Wᵀ + b, the Gemm that PyTorch's Linear is exported as.</summary>
internal static class Linear
{
    // AttributeProto: name 1, f 2, i 3.
    public static bool Is(OnnxNode node) => node.Operator == "Gemm" && node.Attributes.Any(attribute => NameOf(attribute) == "transB") && node.Attributes.All(attribute => NameOf(attribute) switch
    {
        "transB" => Proto.Fields(attribute).Any(field => field is { Number: 3, Value: 1 }),
        "transA" => Proto.Fields(attribute).All(field => field is not { Number: 3, Value: not 0 }),
        "alpha" or "beta" => Proto.Fields(attribute).Any(field => field is { Number: 2, Length: sizeof(float) } && BitConverter.ToSingle(field.In(attribute)) == 1f),
        _ => false,
    });

    private static string NameOf(byte[] attribute) => Proto.Fields(attribute).First(field => field.Number == 1).Text(attribute);
}

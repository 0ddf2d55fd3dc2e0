using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Tells failures of the provider and its device, which a fresh session may cure, from those of the graph or its inputs, which it cannot.</summary>
internal static class ProviderFailure
{
    // The managed API shows the code of an error in front of its message and nowhere else.
    private static readonly string[] NotTheProviders =
        ["[ErrorCode:InvalidArgument]", "[ErrorCode:InvalidGraph]", "[ErrorCode:InvalidProtobuf]", "[ErrorCode:NotImplemented]", "[ErrorCode:NoSuchFile]", "[ErrorCode:NoModel]"];

    /// <summary>Whether the provider is to blame.</summary>
    public static bool Is(GraphException exception) =>
        exception.InnerException is OnnxRuntimeException runtime && !NotTheProviders.Any(code => runtime.Message.StartsWith(code, StringComparison.Ordinal));
}

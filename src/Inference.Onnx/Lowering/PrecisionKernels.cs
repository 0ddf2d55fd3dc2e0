using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// Whether providers have kernels for a precision. The runtime makes up for missing float16 kernels by casts to float32 and back, which is slower than
/// float32, so a matrix product in that type is opened and looked at.
/// </summary>
internal static class PrecisionKernels
{
    private const int Width = 16;

    /// <summary>Why a precision cannot be used with the first of these providers; null when it can.</summary>
    public static string? WhyNot(Precision precision, ExecutionProviders providers) => (precision, providers.Names[0]) switch
    {
        (Precision.Float32, _) => null,
        (Precision.Int8, "cpu") => null,
        (Precision.Int8, var name) => $"dynamic quantization is for the CPU; the provider '{name}' has no kernels for it.",
        (_, var name) => HasProduct(precision, providers) ? null : $"the provider '{name}' has no kernels for matrix products in it.",
    };

    private static bool HasProduct(Precision precision, ExecutionProviders providers)
    {
        var type = precision == Precision.Float16 ? OnnxTensor.HalfType : OnnxTensor.BFloatType;
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        providers.AppendTo(options, captures: false);
        if (providers.Names[0] != "cpu")
            options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
        var optimized = Path.Combine(Path.GetTempPath(), $"inference-{Guid.NewGuid():N}.onnx");
        options.OptimizedModelFilePath = optimized;
        try
        {
            using var session = new InferenceSession(Product((ulong)type), options);
            return OnnxModel.Read(optimized).Nodes.All(node => node.Operator != "Cast");
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
        finally
        {
            File.Delete(optimized);
        }
    }

    // y = x · w, all of one type, none known beforehand.
    private static byte[] Product(ulong type)
    {
        var graph = new ProtoWriter()
            .Message(1, new ProtoWriter().Text(1, "x").Text(1, "w").Text(2, "y").Text(4, "MatMul"))
            .Text(2, "product").Message(11, Value("x", type)).Message(11, Value("w", type)).Message(12, Value("y", type));
        return new ProtoWriter().Number(1, 8).Message(8, new ProtoWriter().Text(1, "").Number(2, 17)).Message(7, graph).ToArray();
    }

    private static ProtoWriter Value(string name, ulong type)
    {
        var side = new ProtoWriter().Number(1, Width);
        return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, new ProtoWriter().Number(1, type).Message(2, new ProtoWriter().Message(1, side).Message(1, side))));
    }
}

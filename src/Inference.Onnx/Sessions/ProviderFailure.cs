using Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Tells failures of the provider and its device, which a fresh session may cure, from those of the graph or its inputs, which it cannot.</summary>
internal static class ProviderFailure
{
    // The managed API shows the code of an error in front of its message and nowhere else.
    private static readonly string[] NotTheProviders =
        ["[ErrorCode:InvalidArgument]", "[ErrorCode:InvalidGraph]", "[ErrorCode:InvalidProtobuf]", "[ErrorCode:NotImplemented]", "[ErrorCode:NoSuchFile]", "[ErrorCode:NoModel]"];

    // After these a CUDA context answers every call with the same error (CUDA runtime API, cudaError_t: 214, 700, 702, 710, 714 to 719).
    private static readonly string[] Sticking =
    [
        "illegal memory access", "illegal instruction", "illegal address", "misaligned address", "device-side assert", "unspecified launch failure", "uncorrectable ECC", "hardware stack error",
        "launch timed out", "CUDA failure 214", "CUDA failure 700", "CUDA failure 702", "CUDA failure 710", "CUDA failure 714", "CUDA failure 715", "CUDA failure 716", "CUDA failure 717",
        "CUDA failure 718", "CUDA failure 719",
    ];

    private static readonly string[] Memory =
        ["out of memory", "CUDA failure 2:", "Failed to allocate memory", "bad allocation", "std::bad_alloc", "Available memory of", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"];

    /// <summary>What an error of the runtime says about the device; its messages are all there is to tell by.</summary>
    public static DeviceFault FaultOf(string message) =>
        Sticking.Any(text => message.Contains(text, StringComparison.OrdinalIgnoreCase)) ? DeviceFault.Sticking
        : Memory.Any(text => message.Contains(text, StringComparison.OrdinalIgnoreCase)) ? DeviceFault.OutOfMemory
        : DeviceFault.Passing;

    /// <summary>Whether the provider is to blame.</summary>
    public static bool Is(GraphException exception) =>
        exception.InnerException is OnnxRuntimeException runtime && !NotTheProviders.Any(code => runtime.Message.StartsWith(code, StringComparison.Ordinal));
}

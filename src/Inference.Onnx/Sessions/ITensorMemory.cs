using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>Memory in which a provider's graphs read their inputs and write their outputs. Safe for any thread.</summary>
internal interface ITensorMemory
{
    /// <summary>Entered by everything that calls the device: methods here do it themselves.</summary>
    DeviceGate Gate { get; }

    /// <summary>Whether tensors that a session wants here lie in this memory; if not, it reads and writes them in the host's.</summary>
    bool Holds(OrtMemoryInfo place);

    /// <summary>Memory of the host from which this one is filled fastest.</summary>
    OrtValue AllocateOnHost(TensorElementType type, long[] shape);

    /// <summary>A tensor in this memory; its values are undefined.</summary>
    /// <exception cref="OnnxRuntimeException">There is no room for it.</exception>
    DeviceTensor Allocate(TensorElementType type, long[] shape);

    /// <summary>Copies a tensor from the host's memory or to it; done when it returns.</summary>
    void Copy(OrtValue source, OrtValue target);

    /// <summary>Copies tensors within this memory, one to one; done when it returns.</summary>
    void CopyWithin(IReadOnlyList<OrtValue> sources, IReadOnlyList<OrtValue> targets);
}

using Inference.Batching;

namespace Inference.Onnx.Tests;

public sealed class ProviderFailureTests
{
    [Theory]
    [InlineData("[ErrorCode:Fail] CUDA failure 700: an illegal memory access was encountered ; GPU=0", DeviceFault.Sticking)]
    [InlineData("[ErrorCode:RuntimeException] CUDA failure 719: unspecified launch failure", DeviceFault.Sticking)]
    [InlineData("[ErrorCode:RuntimeException] Non-zero status code. BFCArena: Failed to allocate memory for requested buffer of size 8589934592", DeviceFault.OutOfMemory)]
    [InlineData("[ErrorCode:RuntimeException] CUDA failure 2: out of memory", DeviceFault.OutOfMemory)]
    [InlineData("[ErrorCode:RuntimeException] std::bad_alloc", DeviceFault.OutOfMemory)]
    [InlineData("[ErrorCode:RuntimeException] CUDNN failure 5000: CUDNN_STATUS_EXECUTION_FAILED", DeviceFault.Passing)]
    public void FaultOf_TellsByTheMessage(string message, DeviceFault fault) => Assert.Equal(fault, ProviderFailure.FaultOf(message));
}

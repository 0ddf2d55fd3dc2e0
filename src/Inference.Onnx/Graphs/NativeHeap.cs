using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>How the C library manages the memory of native code.</summary>
internal static partial class NativeHeap
{
    private const int MmapThreshold = -3;
    private const int LargeBlock = 4 << 20;
    private static readonly Lazy<bool> Configured = new(Configure);

    /// <summary>
    /// Makes large blocks return to the system when they are freed. Loading packs every weight and frees what another graph has packed already;
    /// glibc raises its threshold after the first such block and would then keep tens of megabytes in the heaps of its threads. Once a process;
    /// other C libraries are left alone.
    /// </summary>
    public static void ReturnLargeBlocks() => _ = Configured.Value;

    private static bool Configure()
    {
        try
        {
            return OperatingSystem.IsLinux() && MallOpt(MmapThreshold, LargeBlock) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library other than glibc.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}

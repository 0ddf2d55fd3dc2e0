using System.Buffers.Text;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>What an allocator of the runtime has given out, in bytes.</summary>
/// <param name="InUse">Now.</param>
/// <param name="MaxInUse">At most, since it was made.</param>
internal readonly record struct ArenaStatistics(long InUse, long MaxInUse)
{
    /// <summary>The statistics of an allocator; null where it keeps none.</summary>
    public static ArenaStatistics? Of(OrtAllocator allocator) => NativeStatistics.Read(allocator);
}

/// <summary>
/// <c>AllocatorGetStats</c> of the C API, which the managed one has no method for. Functions of its table are found by their place in <c>struct OrtApi</c>
/// (onnxruntime_c_api.h), which never changes: the table only grows.
/// </summary>
internal static unsafe partial class NativeStatistics
{
    // The first version whose table has AllocatorGetStats.
    private const uint Version = 23;
    private const int ReleaseStatus = 93;
    private const int GetKeyValue = 297;
    private const int ReleaseKeyValuePairs = 300;
    private const int AllocatorGetStats = 319;

    private static readonly nint* Table = GetTable();

    public static ArenaStatistics? Read(OrtAllocator allocator)
    {
        if (Table is null)
            return null;
        nint pairs = 0;
        var status = ((delegate* unmanaged<nint, nint*, nint>)Table[AllocatorGetStats])(allocator.DangerousGetHandle(), &pairs);
        GC.KeepAlive(allocator);
        if (status != 0)
        {
            ((delegate* unmanaged<nint, void>)Table[ReleaseStatus])(status);
            return null;
        }
        try
        {
            return Value(pairs, "InUse\0"u8) is { } inUse && Value(pairs, "MaxInUse\0"u8) is { } most ? new(inUse, most) : null;
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)Table[ReleaseKeyValuePairs])(pairs);
        }
    }

    private static long? Value(nint pairs, ReadOnlySpan<byte> name)
    {
        fixed (byte* key = name)
        {
            var value = ((delegate* unmanaged<nint, byte*, byte*>)Table[GetKeyValue])(pairs, key);
            return value is not null && Utf8Parser.TryParse(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(value), out long bytes, out _) ? bytes : null;
        }
    }

    private static nint* GetTable()
    {
        // The managed API loads the library from where it is.
        _ = OrtEnv.Instance();
        return ((delegate* unmanaged<uint, nint*>)((nint*)OrtGetApiBase())[0])(Version);
    }

    [LibraryImport("onnxruntime")]
    private static partial nint OrtGetApiBase();
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Inference.Pipelines;

/// <summary>A reference to a VipsImage.</summary>
internal sealed class VipsImageHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        VipsNative.Unref(handle);
        return true;
    }
}

/// <summary>Memory that GLib allocated.</summary>
internal sealed class VipsMemoryHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <summary>The first bytes, as an array of our own.</summary>
    public byte[] ToArray(nuint size)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)size));
        Marshal.Copy(handle, bytes, 0, bytes.Length);
        return bytes;
    }

    /// <summary>The bytes before the first zero, as UTF-8.</summary>
    public string ToText() => IsInvalid ? "" : Marshal.PtrToStringUTF8(handle)!;

    protected override bool ReleaseHandle()
    {
        VipsNative.Free(handle);
        return true;
    }
}

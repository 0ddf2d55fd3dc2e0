using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Inference.Pipelines;

/// <summary>libvips, started once a process and closed to every file format but the three that are read.</summary>
internal static unsafe class VipsLibrary
{
    private const int LongestMessage = 200;

    private static readonly Lazy<bool> _started = new(Start);

    /// <exception cref="DllNotFoundException">The native library is not next to the application; the message names it.</exception>
    public static void EnsureStarted() => _ = _started.Value;

    /// <summary>An error with what libvips has to say, on one line. Its error buffer is one for all threads.</summary>
    public static ImageCodecException Error(string message)
    {
        using var errors = VipsNative.TakeErrors();
        var details = string.Join("; ", errors.ToText().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        if (details.Length > LongestMessage)
            details = details[..LongestMessage] + "...";
        return new ImageCodecException(details.Length > 0 ? $"{message} ({details})" : message);
    }

    private static bool Start()
    {
        if (VipsNative.Init("inference") != 0)
            throw Error("The image library does not start.");

        // Warnings about users' files would otherwise go to the process's standard error.
        VipsNative.SetLogHandler(&DropLog, 0);

        VipsNative.BlockUntrusted(1);
        VipsNative.BlockOperation("VipsForeignLoad", 1);
        foreach (var loader in (ReadOnlySpan<string>)["VipsForeignLoadPng", "VipsForeignLoadJpeg", "VipsForeignLoadWebp"])
            VipsNative.BlockOperation(loader, 0);

        // Requests already run side by side, and no operation comes twice.
        VipsNative.SetConcurrency(1);
        VipsNative.SetCacheSize(0);
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DropLog(byte* domain, int level, byte* message, void* data)
    {
    }
}

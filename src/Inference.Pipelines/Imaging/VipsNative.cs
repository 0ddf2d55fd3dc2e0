using System.Reflection;
using System.Runtime.InteropServices;

namespace Inference.Pipelines;

/// <summary>
/// The functions of libvips that are used. The variadic ones are declared with the arguments that are passed and the NULL
/// that ends them; none of these is a double, which the x86-64 calling convention would pass differently.
/// </summary>
internal static unsafe partial class VipsNative
{
    /// <summary>Name of the file, next to the application's own.</summary>
    public const string FileName = "libvips-cpp.so.8.18.7";

    private const string Library = "libvips-cpp";

    static VipsNative() => NativeLibrary.SetDllImportResolver(typeof(VipsNative).Assembly, Resolve);

    [LibraryImport(Library, EntryPoint = "vips_init", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Init(string program);

    [LibraryImport(Library, EntryPoint = "vips_block_untrusted_set")]
    public static partial void BlockUntrusted(int state);

    [LibraryImport(Library, EntryPoint = "vips_operation_block_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void BlockOperation(string name, int state);

    [LibraryImport(Library, EntryPoint = "vips_concurrency_set")]
    public static partial void SetConcurrency(int threads);

    [LibraryImport(Library, EntryPoint = "vips_cache_set_max")]
    public static partial void SetCacheSize(int operations);

    [LibraryImport(Library, EntryPoint = "g_log_set_default_handler")]
    public static partial nint SetLogHandler(delegate* unmanaged[Cdecl]<byte*, int, byte*, void*, void> handler, nint data);

    [LibraryImport(Library, EntryPoint = "vips_image_new_from_memory_copy")]
    public static partial VipsImageHandle NewFromMemoryCopy(ReadOnlySpan<byte> data, nuint size, int width, int height, int bands, VipsBandFormat format);

    [LibraryImport(Library, EntryPoint = "vips_foreign_find_load_buffer")]
    public static partial nint FindLoader(byte* data, nuint size);

    [LibraryImport(Library, EntryPoint = "vips_image_new_from_buffer", StringMarshalling = StringMarshalling.Utf8)]
    public static partial VipsImageHandle NewFromBuffer(byte* data, nuint size, string options, nint end);

    [LibraryImport(Library, EntryPoint = "vips_image_copy_memory")]
    public static partial VipsImageHandle CopyToMemory(VipsImageHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_width")]
    public static partial int GetWidth(VipsImageHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_height")]
    public static partial int GetHeight(VipsImageHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_bands")]
    public static partial int GetBands(VipsImageHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_format")]
    public static partial VipsBandFormat GetFormat(VipsImageHandle image);

    [LibraryImport(Library, EntryPoint = "vips_image_set_blob_copy", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetBlobCopy(VipsImageHandle image, string name, ReadOnlySpan<byte> data, nuint size);

    [LibraryImport(Library, EntryPoint = "vips_autorot")]
    public static partial int AutoRotate(VipsImageHandle image, out VipsImageHandle result, nint end);

    [LibraryImport(Library, EntryPoint = "vips_colourspace")]
    public static partial int Convert(VipsImageHandle image, out VipsImageHandle result, VipsInterpretation space, nint end);

    [LibraryImport(Library, EntryPoint = "vips_image_write_to_memory")]
    public static partial VipsMemoryHandle WriteToMemory(VipsImageHandle image, out nuint size);

    [LibraryImport(Library, EntryPoint = "vips_image_write_to_buffer", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int WriteToBuffer(VipsImageHandle image, string suffix, out VipsMemoryHandle data, out nuint size, nint end);

    /// <summary>The text of the errors since the last call, which it forgets.</summary>
    [LibraryImport(Library, EntryPoint = "vips_error_buffer_copy")]
    public static partial VipsMemoryHandle TakeErrors();

    [LibraryImport(Library, EntryPoint = "g_object_unref")]
    public static partial void Unref(nint instance);

    [LibraryImport(Library, EntryPoint = "g_free")]
    public static partial void Free(nint memory);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Library)
            return 0;
        var path = Path.Combine(AppContext.BaseDirectory, FileName);
        return NativeLibrary.TryLoad(path, out var handle)
            ? handle
            : throw new DllNotFoundException(
                $"The image library cannot be loaded from {path}: it must be there, for Linux on x86-64 with glibc.");
    }
}

/// <summary>VipsBandFormat: the type of a pixel's numbers.</summary>
internal enum VipsBandFormat
{
    UChar = 0,
}

/// <summary>VipsInterpretation: what a pixel's numbers mean.</summary>
internal enum VipsInterpretation
{
    Srgb = 22,
}

using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>A shared library that the CUDA provider needs.</summary>
/// <param name="File">Its file name, as the loader looks for it.</param>
/// <param name="Part">What it belongs to.</param>
internal readonly record struct CudaLibrary(string File, string Part);

/// <summary>
/// The libraries behind the CUDA provider, loaded in this order before it: each needs only those in front of it, and what is loaded already is not looked
/// for again, so a configured folder need not be on the loader's path, and a library that is missing is known by name.
/// </summary>
internal static class CudaLibraries
{
    /// <summary>The CUDA runtime.</summary>
    public const string Runtime = "libcudart.so.13";

    /// <summary>What the provider of ONNX Runtime 1.29 is linked to, and cuDNN, which it opens with its first convolution.</summary>
    public static IReadOnlyList<CudaLibrary> Needed { get; } =
    [
        new("libcuda.so.1", "NVIDIA driver"),
        new(Runtime, "CUDA 13 runtime"),
        new("libcublasLt.so.13", "CUDA 13 cuBLAS"),
        new("libcublas.so.13", "CUDA 13 cuBLAS"),
        new("libcurand.so.10", "CUDA 13 cuRAND"),
        new("libcudnn.so.9", "cuDNN 9"),
    ];

    /// <summary>Loads the libraries.</summary>
    /// <param name="libraries">In the order in which they are loaded.</param>
    /// <param name="folders">Where they are looked for first, in this order; behind them the loader's usual path.</param>
    /// <returns>Why each one that is missing could not be loaded; empty when all are there.</returns>
    public static IReadOnlyList<string> Load(IReadOnlyList<CudaLibrary> libraries, IReadOnlyList<string> folders)
    {
        var missing = new List<string>();
        foreach (var library in libraries)
            if (!TryLoad(library.File, folders, out var broken))
                missing.Add($"{library.File} ({library.Part}{(broken is null ? "" : $"; {broken}")})");
        return missing;
    }

    // A handle is never freed: the provider keeps using it as long as the process lives.
    private static bool TryLoad(string file, IReadOnlyList<string> folders, out string? broken)
    {
        broken = null;
        foreach (var path in folders.Select(folder => Path.Combine(folder, file)).Where(File.Exists))
            try
            {
                NativeLibrary.Load(path);
                return true;
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                broken ??= exception.Message.ReplaceLineEndings(" ");
            }
        return NativeLibrary.TryLoad(file, out _);
    }
}

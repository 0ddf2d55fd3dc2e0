using System.Collections.Frozen;
using System.Globalization;
using Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// NVIDIA GPUs. A runtime that has CUDA built in (the NuGet GPU package) uses that; otherwise the provider is a plugin library that is registered
/// with the environment and offers its devices. The libraries it needs are loaded first, so that errors name the one that is missing.
/// </summary>
internal sealed class CudaProvider : IExecutionProvider
{
    private const string BuiltIn = "CUDAExecutionProvider";
    private const string Library = "libonnxruntime_providers_cuda.so";
    private const string Registration = "inference-cuda";
    private static readonly Lock Gate = new();

    // Float32 means float32; a new shape must not search convolution kernels for seconds; the arena grows by what is asked for, not to the next power of two.
    private static readonly FrozenDictionary<string, string> Defaults = new Dictionary<string, string>
    {
        ["use_tf32"] = "0",
        ["cudnn_conv_algo_search"] = "HEURISTIC",
        ["arena_extend_strategy"] = "kSameAsRequested",
    }.ToFrozenDictionary();

    private static bool s_registered;

    public string Name => "cuda";

    // Kernels are searched and graphs captured anew for every new batch size.
    public BatchBuckets Buckets => BatchBuckets.PowersOfTwo;

    public string? LibraryOf(ProviderOptions options) => IsBuiltIn ? null : Path.GetFullPath(options.LibraryPath ?? Path.Combine(AppContext.BaseDirectory, Library));

    public IReadOnlyList<string> Devices => [.. Found().Select(device => $"{device.HardwareDevice.Vendor} device {device.HardwareDevice.DeviceId:x4}")];

    public void Load(ProviderOptions options)
    {
        foreach (var folder in options.LibraryFolders)
            if (!Directory.Exists(folder))
                throw new ProviderUnavailableException(Name, $"LibraryFolders names the folder '{folder}', which does not exist.");
        var path = LibraryOf(options);
        if (path is not null && !File.Exists(path))
            throw new ProviderUnavailableException(Name, $"the library '{path}' does not exist. Build with -p:Cuda=true, put {Library} beside the binaries, or set LibraryPath of the provider.");
        if (CudaLibraries.Load(CudaLibraries.Needed, options.LibraryFolders) is { Count: > 0 } missing)
            throw new ProviderUnavailableException(
                Name, $"{(path is null ? "it" : $"'{path}'")} needs libraries that were not found: {string.Join(", ", missing)}. They are looked for in LibraryFolders of the provider ({Described(options.LibraryFolders)}) and on the loader's path (LD_LIBRARY_PATH, ldconfig).");
        if (path is not null)
        {
            Register(path);
            _ = FindDevice(options);
        }
    }

    public void Append(SessionOptions session, ProviderOptions options)
    {
        if (IsBuiltIn)
        {
            using var cuda = new OrtCUDAProviderOptions();
            var values = OptionsOf(options);
            values["device_id"] = options.DeviceIndex.ToString(CultureInfo.InvariantCulture);
            cuda.UpdateOptions(values);
            session.AppendExecutionProvider_CUDA(cuda);
            return;
        }
        session.AppendExecutionProvider(OrtEnv.Instance(), [FindDevice(options)], OptionsOf(options));
    }

    /// <summary>The options of a session: those of the configuration in front of our own.</summary>
    internal static Dictionary<string, string> OptionsOf(ProviderOptions options)
    {
        var values = new Dictionary<string, string>(Defaults);
        foreach (var (name, value) in options.Options)
            values[name] = value;
        return values;
    }

    private static string Described(IReadOnlyList<string> folders) => folders.Count == 0 ? "none set" : string.Join(", ", folders);

    private static bool IsBuiltIn => OrtEnv.Instance().GetAvailableProviders().Contains(BuiltIn);

    private void Register(string path)
    {
        lock (Gate)
        {
            if (s_registered)
                return;
            try
            {
                // The runtime's message names the shared library that the loader did not find.
                OrtEnv.Instance().RegisterExecutionProviderLibrary(Registration, path);
            }
            catch (Exception exception) when (exception is OnnxRuntimeException or EntryPointNotFoundException)
            {
                throw new ProviderUnavailableException(Name, $"'{path}' could not be loaded: {exception.Message}", exception);
            }
            s_registered = true;
        }
    }

    private OrtEpDevice FindDevice(ProviderOptions options)
    {
        var devices = Found();
        return options.DeviceIndex >= 0 && options.DeviceIndex < devices.Length
            ? devices[options.DeviceIndex]
            : throw new ProviderUnavailableException(Name, $"device index {options.DeviceIndex} does not exist; {devices.Length} CUDA devices were found.");
    }

    private static OrtEpDevice[] Found() => [.. OrtEnv.Instance().GetEpDevices().Where(device => device.EpName.Contains("CUDA", StringComparison.OrdinalIgnoreCase))];
}

using System.Collections.Frozen;
using Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// NVIDIA GPUs. The provider is a plugin library that is registered with the environment and offers its devices. The libraries it needs are loaded first,
/// so that errors name the one that is missing.
/// </summary>
internal sealed class CudaProvider : IExecutionProvider
{
    private const string Library = "libonnxruntime_providers_cuda.so";
    private const string HostMemory = "Cpu";
    private const string Registration = "inference-cuda";
    private const string Capture = "enable_cuda_graph";
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

    public string? LibraryOf(ProviderOptions options) => PathOf(options);

    private static string PathOf(ProviderOptions options) => Path.GetFullPath(options.LibraryPath ?? Path.Combine(AppContext.BaseDirectory, Library));

    public IReadOnlyList<string> Devices => [.. Found().Select(device => $"{device.HardwareDevice.Vendor} device {device.HardwareDevice.DeviceId:x4}")];

    public void Load(ProviderOptions options)
    {
        foreach (var folder in options.LibraryFolders)
            if (!Directory.Exists(folder))
                throw new ProviderUnavailableException(Name, $"LibraryFolders names the folder '{folder}', which does not exist.");
        var path = PathOf(options);
        if (!File.Exists(path))
            throw new ProviderUnavailableException(Name, $"the library '{path}' does not exist. Build with -p:Cuda=true, put {Library} beside the binaries, or set LibraryPath of the provider.");
        if (CudaLibraries.Load(CudaLibraries.Needed, options.LibraryFolders) is { Count: > 0 } missing)
            throw new ProviderUnavailableException(
                Name, $"'{path}' needs libraries that were not found: {string.Join(", ", missing)}. They are looked for in LibraryFolders of the provider ({Described(options.LibraryFolders)}) and on the loader's path (LD_LIBRARY_PATH, ldconfig).");
        Register(path);
        _ = FindDevice(options);
    }

    public ITensorMemory MemoryOf(ProviderOptions options)
    {
        var device = FindDevice(options);
        return new DeviceMemory(
            AllocatorOf(device, OrtDeviceMemoryType.DEFAULT) ?? throw new ProviderUnavailableException(Name, $"device index {options.DeviceIndex} offers no memory."),
            AllocatorOf(device, OrtDeviceMemoryType.HOST_ACCESSIBLE),
            place => !string.Equals(place.Name, HostMemory, StringComparison.OrdinalIgnoreCase));
    }

    // Of the configuration, whoever sets it keeps it.
    public bool CapturesGraphs(ProviderOptions options) => !options.Options.ContainsKey(Capture);

    public void Append(SessionOptions session, ProviderOptions options, bool captures) =>
        session.AppendExecutionProvider(OrtEnv.Instance(), [FindDevice(options)], OptionsOf(options, captures));

    /// <summary>The options of a session: those of the configuration in front of our own.</summary>
    internal static Dictionary<string, string> OptionsOf(ProviderOptions options, bool captures = false)
    {
        var values = new Dictionary<string, string>(Defaults);
        if (captures)
            values[Capture] = "1";
        foreach (var (name, value) in options.Options)
            values[name] = value;
        return values;
    }

    private static string Described(IReadOnlyList<string> folders) => folders.Count == 0 ? "none set" : string.Join(", ", folders);

    // The runtime has made them when it loaded the provider, or makes them now; null where the device has no such memory.
    private static OrtAllocator? AllocatorOf(OrtEpDevice device, OrtDeviceMemoryType type) => device.GetMemoryInfo(type) is { IsInvalid: false } place
        ? OrtEnv.Instance().GetSharedAllocator(place) ?? OrtEnv.Instance().CreateSharedAllocator(device, type, OrtAllocatorType.DeviceAllocator, new Dictionary<string, string>())
        : null;

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

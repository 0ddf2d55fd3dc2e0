using Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// NVIDIA GPUs. A runtime that has CUDA built in (the NuGet GPU package) uses that; otherwise the provider is a plugin library that is registered
/// with the environment and offers its devices.
/// </summary>
internal sealed class CudaProvider : IExecutionProvider
{
    private const string BuiltIn = "CUDAExecutionProvider";
    private const string Library = "libonnxruntime_providers_cuda.so";
    private const string Registration = "inference-cuda";
    private static readonly Lock Gate = new();
    private static bool s_registered;

    public string Name => "cuda";

    // Convolutions search their kernels anew for every new batch size.
    public BatchBuckets Buckets => BatchBuckets.PowersOfTwo;

    public void Load(ProviderOptions options)
    {
        if (IsBuiltIn)
            return;
        var path = Path.GetFullPath(options.LibraryPath ?? Path.Combine(AppContext.BaseDirectory, Library));
        if (!File.Exists(path))
            throw new ProviderUnavailableException(Name, $"the library '{path}' does not exist. Put {Library} beside the binaries or set LibraryPath of the provider.");
        Register(path);
        _ = FindDevice(options);
    }

    public void Append(SessionOptions session, ProviderOptions options)
    {
        if (IsBuiltIn)
        {
            using var cuda = new OrtCUDAProviderOptions();
            var values = new Dictionary<string, string>(options.Options) { ["device_id"] = options.DeviceIndex.ToString() };
            cuda.UpdateOptions(values);
            session.AppendExecutionProvider_CUDA(cuda);
            return;
        }
        session.AppendExecutionProvider(OrtEnv.Instance(), [FindDevice(options)], options.Options);
    }

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
        var devices = OrtEnv.Instance().GetEpDevices().Where(device => device.EpName.Contains("CUDA", StringComparison.OrdinalIgnoreCase)).ToArray();
        return options.DeviceIndex >= 0 && options.DeviceIndex < devices.Length
            ? devices[options.DeviceIndex]
            : throw new ProviderUnavailableException(Name, $"device index {options.DeviceIndex} does not exist; {devices.Length} CUDA devices were found.");
    }
}

using System.CommandLine;
using Inference.Onnx;

namespace Inference.Cli;

/// <summary>Options that say where the CUDA provider and the libraries behind it lie.</summary>
internal sealed class CudaSettings
{
    private const string Provider = "cuda";

    private readonly Option<string?> _library = new("--cuda-library") { Description = "Path of the CUDA provider's library; beside the program when missing." };

    private readonly Option<string[]> _folders = new("--cuda-folders")
    {
        Description = "Folders in which CUDA's and cuDNN's libraries are looked for, in front of the loader's usual path.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _device = new("--cuda-device") { Description = "Index of the GPU, from 0." };

    public void AddTo(Command command)
    {
        command.Options.Add(_library);
        command.Options.Add(_folders);
        command.Options.Add(_device);
    }

    /// <summary>Options of a provider.</summary>
    public ProviderOptions OptionsOf(string name, ParseResult parsed) => string.Equals(name, Provider, StringComparison.OrdinalIgnoreCase)
        ? new() { Name = Provider, LibraryPath = parsed.GetValue(_library), LibraryFolders = parsed.GetValue(_folders) ?? [], DeviceIndex = parsed.GetValue(_device) }
        : new() { Name = name };
}

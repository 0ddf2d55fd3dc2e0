namespace Inference.Onnx;

/// <summary>One entry of the ordered list of execution providers.</summary>
public sealed record ProviderOptions
{
    /// <summary>Name of the provider: <c>cpu</c> or <c>cuda</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Index of the device, from 0; the CPU has only 0.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>Path of the provider's plugin library; null looks beside the binaries.</summary>
    public string? LibraryPath { get; init; }

    /// <summary>Folders in which the libraries behind the plugin (CUDA, cuDNN) are looked for, in front of the loader's usual path.</summary>
    public IReadOnlyList<string> LibraryFolders { get; init; } = [];

    /// <summary>Options handed to the provider as they are (names as in ONNX Runtime's documentation).</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}

using Inference.Batching;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>A way to run graphs: knows how to load itself and how to put itself into a session's options.</summary>
internal interface IExecutionProvider
{
    /// <summary>Name in configuration, lower case.</summary>
    string Name { get; }

    /// <summary>Batch sizes it wants.</summary>
    BatchBuckets Buckets { get; }

    /// <summary>What it found to run on, once loaded; one name a device.</summary>
    IReadOnlyList<string> Devices { get; }

    /// <summary>Path of its plugin library; null where it is part of the runtime.</summary>
    string? LibraryOf(ProviderOptions options);

    /// <summary>Loads what the provider needs and checks that the device exists.</summary>
    /// <exception cref="ProviderUnavailableException">A library or device is missing; the message names it.</exception>
    void Load(ProviderOptions options);

    /// <summary>Appends the loaded provider to a session's options.</summary>
    /// <param name="session">The session's options.</param>
    /// <param name="options">The provider's.</param>
    /// <param name="captures">Whether the session's launches are recorded and replayed; only where <see cref="CapturesGraphs"/>.</param>
    void Append(SessionOptions session, ProviderOptions options, bool captures);

    /// <summary>Memory of the loaded provider's device; null where that is the host's.</summary>
    ITensorMemory? MemoryOf(ProviderOptions options);

    /// <summary>Whether it can record the launches of a graph once and replay them.</summary>
    bool CapturesGraphs(ProviderOptions options);
}

/// <summary>An execution provider cannot be used on this machine; the message names the file, library or device that is missing.</summary>
public sealed class ProviderUnavailableException(string provider, string message, Exception? inner = null)
    : Exception($"Execution provider '{provider}' cannot be used: {message}", inner)
{
    public string Provider { get; } = provider;

    /// <summary>What is missing, without the provider's name.</summary>
    public string Reason { get; } = message;
}

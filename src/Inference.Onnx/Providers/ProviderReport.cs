namespace Inference.Onnx;

/// <summary>How an execution provider stands on this machine.</summary>
/// <param name="Name">Its name in configuration.</param>
/// <param name="Devices">What it found to run on; empty when it cannot be used.</param>
/// <param name="Library">Path of its plugin library, there or not; null where it is part of the runtime.</param>
/// <param name="Precisions">Precisions it has kernels for; empty when it cannot be used.</param>
/// <param name="Error">Why it cannot be used; null when it can.</param>
public sealed record ProviderReport(string Name, IReadOnlyList<string> Devices, string? Library, IReadOnlyList<Precision> Precisions, string? Error);

using Inference.Sampling;

namespace Inference.Onnx;

/// <summary>A form of a network that was derived, opened and checked.</summary>
/// <param name="Variant">The form.</param>
/// <param name="Nodes">Nodes of its graph.</param>
/// <param name="GraphBytes">Bytes of its graph; the weights stay where they are.</param>
/// <param name="LoadTime">Time to derive and open it.</param>
/// <param name="MemoryBytes">What the process's working set grew by meanwhile.</param>
/// <param name="Error">Largest difference of the output from the full network's on random rows, relative to its largest value; null for a form without output.</param>
public sealed record VariantReport(NetworkVariant Variant, int Nodes, int GraphBytes, TimeSpan LoadTime, long MemoryBytes, double? Error);

/// <summary>The forms of a network that cache a scope cannot be used: the graph cannot be cut so, or a form does not give what the full network gives.</summary>
/// <param name="scope">The scope.</param>
/// <param name="reason">Why, as the end of a sentence.</param>
/// <param name="inner">The cause.</param>
public sealed class VariantException(FeatureScope scope, string reason, Exception? inner = null) : Exception($"features ({scope}) cannot be cached: {reason}", inner);

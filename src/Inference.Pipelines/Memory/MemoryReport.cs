namespace Inference.Pipelines;

/// <summary>What is known of a model's memory, in bytes.</summary>
/// <param name="Available">What evaluations and decodes of the process may take together beside the weights; null where that is not known.</param>
/// <param name="Largest">The largest square picture at the default guidance that fits, or size where there are only some; null where that is not known, or none fits.</param>
/// <param name="RowBytes">What a network row takes at the default size; null while that is not known.</param>
/// <param name="NetworkPeak">What evaluations have taken at most; 0 before the first.</param>
/// <param name="DecoderPeak">What decodes have taken at most; 0 before the first.</param>
public sealed record MemoryReport(long? Available, ImageSize? Largest, long? RowBytes, long NetworkPeak, long DecoderPeak);

using Inference.Sampling;

namespace Inference.Batching;

/// <summary>Runs one network on a device. Called by one thread at a time, the batcher's own.</summary>
public interface IBatchEvaluator : IDisposable
{
    /// <summary>Evaluates <paramref name="rows"/>, all of the same <paramref name="key"/>, and fills their outputs. Blocks until done.</summary>
    /// <exception cref="EvaluationException">The device or the network failed.</exception>
    void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows);
}

/// <summary>A network evaluation failed on the device; the message says which model and why.</summary>
public sealed class EvaluationException(string message, Exception? inner = null) : Exception(message, inner);

using Inference.Sampling;

namespace Inference.Batching;

/// <summary>Runs one network on a device. Called by one thread at a time, the batcher's own.</summary>
public interface IBatchEvaluator : IDisposable
{
    /// <summary>Rows beyond those asked for that the last evaluation computed, because the device wants certain batch sizes.</summary>
    int PaddingRows => 0;

    /// <summary>Evaluates <paramref name="rows"/>, all of the same <paramref name="key"/>, and fills their outputs. Blocks until done.</summary>
    /// <exception cref="EvaluationException">The device or the network failed.</exception>
    void Evaluate(in BatchKey key, ReadOnlySpan<NetworkRow> rows);
}

/// <summary>A network evaluation failed on the device; the message says which model and why.</summary>
public sealed class EvaluationException(string message, Exception? inner = null) : Exception(message, inner);

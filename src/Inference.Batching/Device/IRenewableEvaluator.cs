namespace Inference.Batching;

/// <summary>An evaluator that can start over when its provider failed. Called by the batcher's thread like the rest of it.</summary>
public interface IRenewableEvaluator : IBatchEvaluator
{
    /// <summary>Gives up the present session; the next evaluation opens a fresh one, and fails with <see cref="ProviderFailedException"/> where that cannot be.</summary>
    void Renew();
}

/// <summary>What is wrong with a device.</summary>
public enum DeviceFault
{
    /// <summary>A fresh session may do better.</summary>
    Passing,

    /// <summary>Its memory did not suffice.</summary>
    OutOfMemory,

    /// <summary>Every later call fails too, in every session of the process: an illegal access, a failed assertion, an uncorrectable memory error.</summary>
    Sticking,
}

/// <summary>The execution provider or its device failed, not the request. The message says which graph and why.</summary>
/// <param name="message">The message.</param>
/// <param name="inner">The cause.</param>
/// <param name="fault">What is wrong.</param>
public sealed class ProviderFailedException(string message, Exception? inner = null, DeviceFault fault = DeviceFault.Passing) : Exception(message, inner)
{
    /// <summary>What is wrong.</summary>
    public DeviceFault Fault { get; } = fault;
}

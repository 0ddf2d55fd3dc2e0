namespace Inference.Batching;

/// <summary>An evaluator that can start over when its provider failed. Called by the batcher's thread like the rest of it.</summary>
public interface IRenewableEvaluator : IBatchEvaluator
{
    /// <summary>Gives up the present session; the next evaluation opens a fresh one, and fails with <see cref="ProviderFailedException"/> where that cannot be.</summary>
    void Renew();
}

/// <summary>The execution provider or its device failed, not the request: a fresh session may do better. The message says which graph and why.</summary>
public sealed class ProviderFailedException(string message, Exception? inner = null) : Exception(message, inner);

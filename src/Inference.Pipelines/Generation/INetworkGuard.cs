using Inference.Batching;

namespace Inference.Pipelines;

/// <summary>Stands between the batcher and the networks that pipelines load: retries, circuit breakers and the like.</summary>
public interface INetworkGuard
{
    /// <summary>Wraps a network that was loaded.</summary>
    /// <param name="model">Name of its model.</param>
    /// <param name="network">The network; disposed with the result.</param>
    IBatchEvaluator Guard(string model, IRenewableEvaluator network);
}

using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>A way to a second network that is open only while a group is evaluated: an open lane that rests would hold the batches of others up.</summary>
/// <param name="network">The network.</param>
/// <param name="main">The lane to the first, whose key and sharing it has.</param>
/// <param name="observer">Told of its batches, or null.</param>
internal sealed class OccasionalLane(BatchNetwork network, Lane main, ILaneObserver? observer) : INetwork
{
    public async ValueTask EvaluateAsync(ReadOnlyMemory<NetworkRow> rows, CancellationToken cancellationToken)
    {
        if (rows.IsEmpty)
            return;
        using var lane = network.OpenLane(main.Key, main.Sharing, main.Label, observer);
        await lane.EvaluateAsync(rows, cancellationToken);
    }
}

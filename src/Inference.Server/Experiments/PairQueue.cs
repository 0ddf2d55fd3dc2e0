using System.Threading.Channels;
using Inference.Pipelines;

namespace Inference.Server;

/// <summary>A request whose other arms are to be run.</summary>
/// <param name="Part">Its part in the experiment.</param>
/// <param name="Seed">Seed of its first picture.</param>
/// <param name="Pictures">Its pictures.</param>
internal sealed record PairWork(Participation Part, long Seed, IReadOnlyList<RgbImage> Pictures);

/// <summary>Requests whose other arms wait to be run. Bounded: what does not fit is not paired, and counted.</summary>
internal sealed class PairQueue(ServerOptions options, ExperimentMetrics metrics)
{
    private readonly Channel<PairWork> _waiting = Channel.CreateBounded<PairWork>(new BoundedChannelOptions(options.Experiments.MaxPendingPairs) { SingleReader = true });

    public void Offer(PairWork work)
    {
        if (!_waiting.Writer.TryWrite(work))
            metrics.NotPaired();
    }

    public IAsyncEnumerable<PairWork> ReadAsync(CancellationToken cancellationToken) => _waiting.Reader.ReadAllAsync(cancellationToken);
}

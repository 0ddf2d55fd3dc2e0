using System.Collections.Concurrent;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// Gathers waiting pictures of one model into decode batches. Batches are as large as their estimated working memory allows, so that many finished
/// requests never need more than one large picture does; the process's autoencoder thread runs them, and denoising goes on meanwhile.
/// </summary>
/// <param name="host">Its thread and bounds.</param>
/// <param name="decode">Decodes a batch.</param>
/// <param name="hasRoom">Whether there is memory for so many latents of a shape; null is always.</param>
internal sealed class DecodeQueue(PipelineHost host, Func<IReadOnlyList<VaeInput>, float[][]> decode, Func<LatentShape, int, bool>? hasRoom = null)
{
    private readonly ConcurrentQueue<Waiting> _waiting = [];

    /// <summary>Decodes one latent, alone or with others that wait.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it started.</exception>
    public async Task<float[]> DecodeAsync(VaeInput input, CancellationToken cancellationToken)
    {
        var item = new Waiting(input, cancellationToken);
        _waiting.Enqueue(item);
        // One turn for each picture; the first turn may do the work of the next ones, which then find nothing left to do.
        _ = await host.Autoencoders.RunAsync(DecodeNext, cancellationToken);
        return await item.Result.Task.WaitAsync(cancellationToken);
    }

    private bool DecodeNext()
    {
        var batch = new List<Waiting>();
        while (_waiting.TryPeek(out var next))
        {
            if (next.Cancellation.IsCancellationRequested)
                next.Result.TrySetCanceled(next.Cancellation);
            else if (batch.Count > 0 && (next.Input.Shape != batch[0].Input.Shape || !DecodeMemory.Fits(next.Input.Shape, batch.Count + 1, host.DecodeBytes) || hasRoom?.Invoke(next.Input.Shape, batch.Count + 1) == false))
                break;
            else
                batch.Add(next);
            _waiting.TryDequeue(out _);
        }
        if (batch.Count > 0)
            Decode(batch);
        return true;
    }

    private void Decode(List<Waiting> batch)
    {
        try
        {
            var pictures = decode([.. batch.Select(item => item.Input)]);
            for (var i = 0; i < batch.Count; i++)
                batch[i].Result.TrySetResult(pictures[i]);
        }
        catch (Exception) when (batch.Count > 1)
        {
            // One picture that cannot be decoded fails alone.
            foreach (var item in batch)
                Decode([item]);
        }
        catch (Exception exception)
        {
            batch[0].Result.TrySetException(exception);
        }
    }

    private sealed record Waiting(VaeInput Input, CancellationToken Cancellation)
    {
        public TaskCompletionSource<float[]> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

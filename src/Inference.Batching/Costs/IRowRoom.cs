using Inference.Sampling;

namespace Inference.Batching;

/// <summary>Says how many rows of a network its device has memory for. Asked for every batch, under the batcher's lock: it must be quick.</summary>
public interface IRowRoom
{
    /// <summary>Most rows of latents of a shape; <see cref="int.MaxValue"/> where nothing is known.</summary>
    int RowsOf(LatentShape shape);
}

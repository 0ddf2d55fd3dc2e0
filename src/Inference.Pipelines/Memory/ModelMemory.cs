using Inference.Batching;
using Inference.Sampling;

namespace Inference.Pipelines;

/// <summary>
/// What one model needs of the memory: measured curves of its network and autoencoder against what the process may compute in. Arenas keep what they have
/// grown to, so evaluations and decodes are counted together, though one follows the other.
/// </summary>
/// <param name="parts">The model.</param>
/// <param name="weights">Bytes of its weight files.</param>
/// <param name="budget">What the process may compute in.</param>
internal sealed class ModelMemory(PipelineParts parts, long weights, MemoryBudget budget) : IRowRoom
{
    private readonly MemoryCurve _network = parts.Denoiser.Memory;
    private readonly MemoryCurve _decoder = parts.Decoder.Memory;
    private readonly MemoryCurve? _encoder = parts.Encoder?.Memory;

    /// <summary>Bytes of its weight files.</summary>
    public long Weights => weights;

    /// <summary>What its arenas have grown to.</summary>
    public long Held => _network.Peak + _decoder.Peak + (_encoder?.Peak ?? 0);

    /// <summary>Bytes for all evaluations and decodes of the process; null where that is not known.</summary>
    public long? Available() => budget.Available();

    /// <summary>Bytes that a picture needs beside the weights; null while that is not known.</summary>
    /// <param name="shape">Its latent.</param>
    /// <param name="rows">Rows of its smallest group.</param>
    /// <param name="startsFromPicture">Whether a picture is encoded first; counted once one was.</param>
    public long? Needed(LatentShape shape, int rows, bool startsFromPicture)
    {
        var encoded = startsFromPicture ? _encoder?.Bytes(1, EncodedPositions(shape)) ?? 0 : 0;
        return _network.Bytes(parts.Denoiser.Options.Buckets.Of(rows), Positions(shape)) + _decoder.Bytes(1, DecodedPositions(shape)) + encoded;
    }

    /// <summary>The largest picture that fits: a square, or one of the sizes there are. Null where none does.</summary>
    /// <param name="bytes">What there is.</param>
    /// <param name="rows">Rows of its smallest group.</param>
    /// <param name="startsFromPicture">Whether a picture is encoded first.</param>
    /// <param name="maxPixels">Most pixels it may have.</param>
    public ImageSize? Largest(long bytes, int rows, bool startsFromPicture, long maxPixels)
    {
        var sizes = parts.Sizes;
        if (!sizes.Only.IsEmpty)
            return sizes.Only.Where(Fits).OrderBy(size => (long)size.Width * size.Height).Select(size => (ImageSize?)size).LastOrDefault();
        // Needs grow with the side.
        var (least, most) = (0, sizes.Largest / sizes.Multiple);
        while (least < most)
        {
            var middle = (least + most + 1) / 2;
            (least, most) = Fits(Square(middle)) ? (middle, most) : (least, middle - 1);
        }
        return least == 0 ? null : Square(least);

        ImageSize Square(int multiples) => new(multiples * sizes.Multiple, multiples * sizes.Multiple);
        bool Fits(ImageSize size) => (long)size.Width * size.Height <= maxPixels && Needed(parts.LatentOf(size), rows, startsFromPicture) <= bytes;
    }

    /// <summary>Rows of the network that fit beside the decoding of one picture, or of the batch of pictures that took most so far.</summary>
    public int RowsOf(LatentShape shape)
    {
        var decoding = Math.Max(_decoder.Bytes(1, DecodedPositions(shape)) ?? 0, _decoder.Peak);
        return _network.RowsWithin(Positions(shape), Math.Max(0, budget.Last - decoding)) is { } rows ? parts.Denoiser.Options.Buckets.Within(rows) : int.MaxValue;
    }

    /// <summary>Whether so many pictures fit into one decode batch beside what the network has taken.</summary>
    public bool Decodes(LatentShape shape, int count) => _decoder.Bytes(count, DecodedPositions(shape)) is not { } bytes || bytes <= budget.Last - _network.Peak;

    /// <summary>Bytes that a row takes at a shape; null while that is not known.</summary>
    public long? RowBytes(LatentShape shape) => _network.Bytes(1, Positions(shape));

    /// <summary>Bytes that its network has taken at most.</summary>
    public long NetworkPeak => _network.Peak;

    /// <summary>Bytes that its decoder has taken at most.</summary>
    public long DecoderPeak => _decoder.Peak;

    private static long Positions(LatentShape shape) => (long)shape.Height * shape.Width;

    // Large pictures are decoded by tiles.
    private static long DecodedPositions(LatentShape shape) => TiledDecode.IsNeeded(shape) ? TiledDecode.Tile * TiledDecode.Tile : Positions(shape);

    private long EncodedPositions(LatentShape shape) => Positions(shape) * parts.Decoder.Factor * parts.Decoder.Factor;
}

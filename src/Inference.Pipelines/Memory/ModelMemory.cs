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
    private const long Unknown = -1;
    private readonly MemoryCurve _network = parts.Denoiser.Memory;
    private readonly MemoryCurve _decoder = parts.Decoder.Memory;
    private readonly MemoryCurve? _encoder = parts.Encoder?.Memory;
    private long _share = Unknown;

    /// <summary>Bytes of its weight files.</summary>
    public long Weights => weights;

    /// <summary>What the arenas have grown to that its pictures are computed in.</summary>
    public long Reusable => parts.Denoiser.Held + parts.Decoder.Held + (parts.Encoder?.Held ?? 0);

    /// <summary>What all its arenas have grown to.</summary>
    public long Held => Reusable + HeldByForms;

    /// <summary>Bytes that the model may compute in, as of the last request that was checked; null where that is not known.</summary>
    public long? Share
    {
        get => Volatile.Read(ref _share) is var bytes && bytes == Unknown ? null : bytes;
        set => Volatile.Write(ref _share, value ?? Unknown);
    }

    private long HeldByForms => parts.Denoiser.HeldByForms + (parts.Consistency is { } pair ? pair.Held + pair.HeldByForms : 0);

    /// <summary>Bytes that the model may compute in; null where that is not known.</summary>
    public long? Available()
    {
        budget.Update();
        return Share;
    }

    /// <summary>Bytes that a picture needs beside the weights; null while that is not known.</summary>
    /// <param name="shape">Its latent.</param>
    /// <param name="work">How it is computed.</param>
    public long? Needed(LatentShape shape, PictureWork work)
    {
        if (_network.Bytes(parts.Denoiser.Options.Buckets.Of(work.Rows), Positions(shape)) is not { } evaluated || _decoder.Bytes(1, DecodedPositions(shape)) is not { } decoded)
            return null;
        // Another form of the network computes nearly all of it too, in an arena of its own.
        var forms = work.UsesForms ? Math.Max(0, evaluated - HeldByForms) : 0;
        var encoded = work.StartsFromPicture ? _encoder?.Bytes(1, EncodedPositions(shape)) ?? 0 : 0;
        return evaluated + forms + decoded + encoded;
    }

    /// <summary>The largest picture that fits: a square, or one of the sizes there are. Null where none does.</summary>
    /// <param name="bytes">What there is.</param>
    /// <param name="work">How it is computed.</param>
    /// <param name="maxPixels">Most pixels it may have.</param>
    public ImageSize? Largest(long bytes, PictureWork work, long maxPixels)
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
        bool Fits(ImageSize size) => (long)size.Width * size.Height <= maxPixels && Needed(parts.LatentOf(size), work) <= bytes;
    }

    /// <summary>Rows of the network that fit beside the decoding of one picture, or of the batch of pictures that took most so far.</summary>
    public int RowsOf(LatentShape shape)
    {
        if (Share is not { } share)
            return int.MaxValue;
        var decoding = Math.Max(_decoder.Bytes(1, DecodedPositions(shape)) ?? 0, parts.Decoder.Held);
        return _network.RowsWithin(Positions(shape), Math.Max(0, share - decoding)) is { } rows ? parts.Denoiser.Options.Buckets.Within(rows) : int.MaxValue;
    }

    /// <summary>Whether so many pictures fit into one decode batch beside what the network has taken.</summary>
    public bool Decodes(LatentShape shape, int count) => Share is not { } share || _decoder.Bytes(count, DecodedPositions(shape)) is not { } bytes || bytes <= share - parts.Denoiser.Held;

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

/// <summary>How a picture is computed, as far as its memory goes.</summary>
/// <param name="Rows">Rows of its smallest group.</param>
/// <param name="UsesForms">Whether other forms of the network take part: those that cache features, or a consistency model.</param>
/// <param name="StartsFromPicture">Whether a picture is encoded first; counted once one was.</param>
internal readonly record struct PictureWork(int Rows, bool UsesForms = false, bool StartsFromPicture = false);

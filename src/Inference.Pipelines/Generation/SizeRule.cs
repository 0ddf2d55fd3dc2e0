using System.Collections.Immutable;

namespace Inference.Pipelines;

/// <summary>Which picture sizes a model makes.</summary>
public sealed class SizeRule
{
    /// <summary>The largest side of models that have no limit of their own, in pixels.</summary>
    public const int LargestSide = 8192;

    private SizeRule(ImageSize @default, ImmutableArray<ImageSize> only, int multiple, int largest) =>
        (Default, Only, Multiple, Largest) = (@default, only, multiple, largest);

    /// <summary>Size of requests that name none.</summary>
    public ImageSize Default { get; }

    /// <summary>The only sizes there are; empty where any multiple is allowed.</summary>
    public ImmutableArray<ImageSize> Only { get; }

    /// <summary>Both sides are multiples of this.</summary>
    public int Multiple { get; }

    /// <summary>Largest side in pixels.</summary>
    public int Largest { get; }

    /// <summary>A model of one size.</summary>
    public static SizeRule Fixed(ImageSize size) => new(size, [size], 1, Math.Max(size.Width, size.Height));

    /// <summary>A model of any size whose sides are multiples of a factor.</summary>
    public static SizeRule MultiplesOf(int multiple, ImageSize @default, int largest = LargestSide) => new(@default, [], multiple, largest / multiple * multiple);

    public bool Allows(ImageSize size) => Only.IsEmpty ? IsAllowed(size.Width) && IsAllowed(size.Height) : Only.Contains(size);

    /// <summary>A size of a quarter of the default's pixels, or a few more; null where there is none between that and the default.</summary>
    public ImageSize? Smaller()
    {
        var quarter = (Default.Width / 2L) * (Default.Height / 2L);
        return Candidates().Where(size => Pixels(size) >= quarter && Pixels(size) < Pixels(Default)).OrderBy(Pixels).Select(size => (ImageSize?)size).FirstOrDefault();

        IEnumerable<ImageSize> Candidates() => Only.IsEmpty ? [new(Ceiling(Default.Width / 2), Ceiling(Default.Height / 2))] : Only;
        int Ceiling(int side) => Math.Max(Multiple, (side + Multiple - 1) / Multiple * Multiple);
        static long Pixels(ImageSize size) => (long)size.Width * size.Height;
    }

    /// <summary>The allowed size nearest below another; for pictures that are the start of a generation.</summary>
    public ImageSize Nearest(ImageSize size) => Only.IsEmpty ? new(Floor(size.Width), Floor(size.Height)) : Default;

    /// <summary>In words: <c>128x128</c>, or <c>WIDTHxHEIGHT in multiples of 64 from 64 to 8192</c>.</summary>
    public override string ToString() => Only.IsEmpty ? $"WIDTHxHEIGHT in multiples of {Multiple} from {Multiple} to {Largest}" : string.Join(", ", Only);

    private bool IsAllowed(int side) => side % Multiple == 0 && side >= Multiple && side <= Largest;

    private int Floor(int side) => Math.Clamp(side / Multiple * Multiple, Multiple, Largest);
}

namespace Inference.LoadTest;

/// <summary>One request to send.</summary>
/// <param name="Index">Place in the run, from 0.</param>
/// <param name="Kind">Name of the part of the mix it was drawn from.</param>
/// <param name="Body">The JSON body, ready to send: nothing is built while the clock runs.</param>
/// <param name="Stream">Whether server-sent events are asked for.</param>
/// <param name="Pictures">How many pictures a right answer has.</param>
/// <param name="Size">What a picture must measure in pixels; null accepts any.</param>
public sealed record ImageRequest(int Index, string Kind, ReadOnlyMemory<byte> Body, bool Stream, int Pictures, PixelSize? Size);

/// <summary>Width and height in pixels.</summary>
public readonly record struct PixelSize(int Width, int Height)
{
    /// <summary>Reads <c>512x512</c>.</summary>
    public static PixelSize? Parse(string? text)
    {
        var parts = text?.Split('x') ?? [];
        return parts.Length == 2 && Positive(parts[0]) is { } width && Positive(parts[1]) is { } height ? new(width, height) : null;
    }

    public override string ToString() => $"{Width}x{Height}";

    private static int? Positive(string text) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var value) && value > 0 ? value : null;
}

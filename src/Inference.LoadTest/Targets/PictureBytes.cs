using System.Buffers.Binary;

namespace Inference.LoadTest;

/// <summary>Tells from the bytes whether they are a whole PNG, JPEG or WebP file, and its size; pixels are not decoded.</summary>
internal static class PictureBytes
{
    private const int JpegStartOfImage = 0xFFD8;

    private static ReadOnlySpan<byte> PngSignature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Null when it is one of the size asked for; else what is wrong.</summary>
    public static string? Problem(ReadOnlySpan<byte> bytes, PixelSize? wanted)
    {
        if (bytes.Length == 0)
            return "the picture is empty";
        var (format, size, whole) = Read(bytes);
        if (format is null)
            return $"the picture is neither PNG, JPEG nor WebP; it starts with {Convert.ToHexString(bytes[..Math.Min(8, bytes.Length)])}";
        if (!whole || size is null)
            return $"the {format} picture is cut off after {bytes.Length} bytes";
        return wanted is null || size == wanted ? null : $"the picture is {size}, not {wanted}";
    }

    private static (string? Format, PixelSize? Size, bool Whole) Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(PngSignature))
            return ("PNG", bytes.Length >= 24 ? new(Int32(bytes[16..]), Int32(bytes[20..])) : null, bytes.Length > 12 && bytes[^8..^4].SequenceEqual("IEND"u8));
        if (bytes.Length > 4 && BinaryPrimitives.ReadUInt16BigEndian(bytes) == JpegStartOfImage)
            return ("JPEG", JpegSize(bytes), bytes[^2] == 0xFF && bytes[^1] == 0xD9);
        if (bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8))
            return ("WebP", WebPSize(bytes), bytes.Length >= BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L);
        return (null, null, false);
    }

    private static PixelSize? JpegSize(ReadOnlySpan<byte> bytes)
    {
        for (var at = 2; at + 9 < bytes.Length && bytes[at] == 0xFF;)
        {
            var marker = bytes[at + 1];
            // Start of frame; C4, C8 and CC are other things.
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return new(BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..]));
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
        }
        return null;
    }

    private static PixelSize? WebPSize(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 30)
            return null;
        var chunk = bytes[12..];
        if (chunk.StartsWith("VP8X"u8))
            return new(Int24(bytes[24..]) + 1, Int24(bytes[27..]) + 1);
        if (chunk.StartsWith("VP8L"u8))
        {
            var packed = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
            return new((int)(packed & 0x3FFF) + 1, (int)(packed >> 14 & 0x3FFF) + 1);
        }
        return chunk.StartsWith("VP8 "u8)
            ? new(BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3FFF)
            : null;
    }

    private static int Int32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes);

    private static int Int24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}

using System.Buffers.Binary;

namespace Inference.Pipelines;

/// <summary>Finds the EXIF block of a JPEG file (its APP1 segment) or a WebP file (its EXIF chunk).</summary>
internal static class ExifContainer
{
    private const byte StartOfScan = 0xDA;
    private const byte App1 = 0xE1;

    /// <summary>The block, or an empty span where the file has none or is damaged before it.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) ? FindInJpeg(file[2..])
        : file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..12].SequenceEqual("WEBP"u8) ? FindInWebP(file[12..])
        : default;

    // Segments before the first scan: FF, marker, big-endian length that counts itself.
    private static ReadOnlySpan<byte> FindInJpeg(ReadOnlySpan<byte> rest)
    {
        while (rest.Length >= 4 && rest[0] == 0xFF && rest[1] != StartOfScan)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < 2 || length > rest.Length - 2)
                return default;
            var data = rest[4..(2 + length)];
            if (rest[1] == App1 && data.StartsWith("Exif\0\0"u8))
                return data;
            rest = rest[(2 + length)..];
        }
        return default;
    }

    // Chunks: four letters, little-endian length, data padded to an even length.
    private static ReadOnlySpan<byte> FindInWebP(ReadOnlySpan<byte> rest)
    {
        while (rest.Length >= 8)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - 8)
                return default;
            var data = rest.Slice(8, (int)length);
            if (rest.StartsWith("EXIF"u8))
                return data;
            rest = rest[Math.Min(rest.Length, 8 + (int)length + (int)(length & 1))..];
        }
        return default;
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Inference.Pipelines;

/// <summary>
/// The UserComment of an EXIF block (EXIF 2.32, 4.6.5): written as big-endian UTF-16 under the code <c>UNICODE</c>, which is
/// what the image tools that read generation parameters expect.
/// </summary>
internal static class ExifText
{
    private const ushort ExifIfdTag = 0x8769;
    private const ushort UserCommentTag = 0x9286;
    private const int EntrySize = 12;
    private const int CodeSize = 8;

    // A block of ours has the header, an IFD with the pointer to the EXIF IFD, and that IFD with the comment.
    private const int HeaderSize = 8;
    private const int IfdSize = 2 + EntrySize + 4;
    private const int CommentOffset = HeaderSize + (2 * IfdSize);

    private enum EntryType : ushort
    {
        Long = 4,
        Undefined = 7,
    }

    private static ReadOnlySpan<byte> BlockStart => "Exif\0\0"u8;

    /// <summary>An EXIF block, with the <c>Exif</c> mark in front, that holds the text and nothing else.</summary>
    public static byte[] Block(string text)
    {
        byte[] comment = [.. "UNICODE\0"u8, .. Encoding.BigEndianUnicode.GetBytes(text)];
        var block = new byte[BlockStart.Length + CommentOffset + comment.Length];
        BlockStart.CopyTo(block);

        var tiff = block.AsSpan(BlockStart.Length);
        "MM\0*"u8.CopyTo(tiff);
        BinaryPrimitives.WriteInt32BigEndian(tiff[4..], HeaderSize);
        WriteIfd(tiff[HeaderSize..], ExifIfdTag, EntryType.Long, 1, HeaderSize + IfdSize);
        WriteIfd(tiff[(HeaderSize + IfdSize)..], UserCommentTag, EntryType.Undefined, comment.Length, CommentOffset);
        comment.CopyTo(tiff[CommentOffset..]);
        return block;
    }

    /// <summary>The text of an EXIF block with or without the <c>Exif</c> mark, or null where it has none or is damaged.</summary>
    public static string? Read(ReadOnlySpan<byte> block)
    {
        var tiff = block.StartsWith(BlockStart) ? block[BlockStart.Length..] : block;
        if (tiff.Length < HeaderSize)
            return null;
        var isBigEndian = tiff.StartsWith("MM\0*"u8);
        if (!isBigEndian && !tiff.StartsWith("II*\0"u8))
            return null;

        // Two steps down and none further: an IFD that points at itself cannot make this loop.
        if (Entry(tiff, Number(tiff[4..], isBigEndian), ExifIfdTag, isBigEndian) is not { } pointer
            || Entry(tiff, pointer.Value, UserCommentTag, isBigEndian) is not { } comment
            || comment.Value > tiff.Length || comment.Count > tiff.Length - comment.Value || comment.Count < CodeSize)
            return null;
        return Text(tiff.Slice((int)comment.Value, (int)comment.Count), isBigEndian);
    }

    private static string Text(ReadOnlySpan<byte> comment, bool isBigEndian)
    {
        var text = comment[CodeSize..];
        var encoding = !comment.StartsWith("UNICODE\0"u8) ? Encoding.UTF8
            : isBigEndian ? Encoding.BigEndianUnicode
            : Encoding.Unicode;
        return encoding.GetString(text).TrimEnd('\0');
    }

    private static (uint Count, uint Value)? Entry(ReadOnlySpan<byte> tiff, uint ifd, ushort tag, bool isBigEndian)
    {
        if (ifd > tiff.Length - 2)
            return null;
        var entries = tiff[(int)ifd..];
        var count = Short(entries, isBigEndian);
        for (var rest = entries[2..]; count-- > 0 && rest.Length >= EntrySize; rest = rest[EntrySize..])
        {
            if (Short(rest, isBigEndian) == tag)
                return (Number(rest[4..], isBigEndian), Number(rest[8..], isBigEndian));
        }
        return null;
    }

    private static void WriteIfd(Span<byte> ifd, ushort tag, EntryType type, int count, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(ifd, 1);
        BinaryPrimitives.WriteUInt16BigEndian(ifd[2..], tag);
        BinaryPrimitives.WriteUInt16BigEndian(ifd[4..], (ushort)type);
        BinaryPrimitives.WriteInt32BigEndian(ifd[6..], count);
        BinaryPrimitives.WriteInt32BigEndian(ifd[10..], value);
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint Number(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}

using System.Buffers.Binary;
using System.Text;

namespace Inference.Pipelines;

/// <summary>
/// Texts in a PNG file, as uncompressed iTXt chunks after IHDR (PNG specification, 11.3.3.4). iTXt is
/// the one text chunk that is UTF-8; image tools that write tEXt instead are read as the Latin-1 it is.
/// </summary>
internal static class PngText
{
    /// <summary>Keyword of how the picture was made, for people and other programs.</summary>
    public const string Parameters = "parameters";

    /// <summary>Keyword of the request that made the picture, as JSON.</summary>
    public const string Request = "inference";

    private const int HeaderEnd = 8 + 12 + 13;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private static bool IsPng(ReadOnlySpan<byte> file) => file.StartsWith(Signature);

    /// <summary>The PNG file with the text put after its IHDR chunk.</summary>
    public static byte[] Insert(ReadOnlySpan<byte> png, string keyword, string text)
    {
        var chunk = Chunk(keyword, text);
        var result = new byte[png.Length + chunk.Length];
        png[..HeaderEnd].CopyTo(result);
        chunk.CopyTo(result, HeaderEnd);
        png[HeaderEnd..].CopyTo(result.AsSpan(HeaderEnd + chunk.Length));
        return result;
    }

    /// <summary>The text <see cref="Parameters"/>, or null where the file has none or is damaged before it.</summary>
    public static string? Find(ReadOnlySpan<byte> file)
    {
        if (!IsPng(file))
            return null;
        for (var rest = file[Signature.Length..]; rest.Length >= 12;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - 12)
                return null;
            var typeAndData = rest.Slice(4, 4 + (int)length);
            var type = typeAndData[..4];
            if (type.SequenceEqual("IEND"u8))
                return null;
            if ((type.SequenceEqual("iTXt"u8) || type.SequenceEqual("tEXt"u8))
                && Crc32.Of(typeAndData) == BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..])
                && Text(typeAndData[4..], type.SequenceEqual("iTXt"u8)) is { } text)
                return text;
            rest = rest[(12 + (int)length)..];
        }
        return null;
    }

    private static byte[] Chunk(string keyword, string text)
    {
        // Keyword, its end, no compression (flag and method), empty language and translated keyword, text.
        byte[] data = [.. "iTXt"u8, .. Encoding.Latin1.GetBytes(keyword), 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];
        var chunk = new byte[4 + data.Length + 4];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length - 4);
        data.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4 + data.Length), Crc32.Of(data));
        return chunk;
    }

    private static string? Text(ReadOnlySpan<byte> data, bool isInternational)
    {
        var keywordEnd = data.IndexOf((byte)0);
        if (keywordEnd < 0 || Encoding.Latin1.GetString(data[..keywordEnd]) != Parameters)
            return null;
        var rest = data[(keywordEnd + 1)..];
        if (!isInternational)
            return Encoding.Latin1.GetString(rest);

        // Compressed text is passed over: it may be a bomb, and nothing here writes it.
        if (rest.Length < 2 || rest[0] != 0)
            return null;
        rest = rest[2..];
        for (var field = 0; field < 2; field++)
        {
            var end = rest.IndexOf((byte)0);
            if (end < 0)
                return null;
            rest = rest[(end + 1)..];
        }
        return Encoding.UTF8.GetString(rest);
    }
}

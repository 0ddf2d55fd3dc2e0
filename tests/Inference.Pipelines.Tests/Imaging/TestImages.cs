using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Inference.Pipelines.Tests;

/// <summary>Images and files made by hand, independently of the codec.</summary>
internal static class TestImages
{
    /// <summary>A smooth picture with every channel different.</summary>
    public static RgbImage Gradient(int width = 48, int height = 32)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            pixels[3 * i] = (byte)(i % width * 255 / width);
            pixels[(3 * i) + 1] = (byte)(i / width * 255 / height);
            pixels[(3 * i) + 2] = 128;
        }
        return new RgbImage(width, height, pixels);
    }

    /// <summary>Peak signal-to-noise ratio in dB.</summary>
    public static double Psnr(RgbImage a, RgbImage b)
    {
        Assert.Equal((a.Width, a.Height), (b.Width, b.Height));
        var error = a.Pixels.Zip(b.Pixels, (x, y) => (double)(x - y) * (x - y)).Average();
        return 10 * Math.Log10(255.0 * 255.0 / error);
    }

    /// <summary>A PNG file of the header, the extra chunks, and compressed rows (filter byte and values).</summary>
    public static byte[] Png(int width, int height, byte depth, byte colourType, byte[] rows, params (string Type, byte[] Data)[] extra)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (depth, colourType);
        return
        [
            0x89, .. "PNG\r\n\u001A\n"u8, .. Chunk("IHDR", header),
            .. extra.SelectMany(c => Chunk(c.Type, c.Data)),
            .. Chunk("IDAT", Deflate(rows)), .. Chunk("IEND", []),
        ];
    }

    public static byte[] Deflate(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var deflate = new ZLibStream(result, CompressionLevel.SmallestSize, leaveOpen: true))
            deflate.Write(bytes);
        return result.ToArray();
    }

    /// <summary>The chunks of a PNG file, checksums verified bit by bit.</summary>
    public static List<(string Type, byte[] Data)> Chunks(byte[] png)
    {
        var chunks = new List<(string, byte[])>();
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var body = png.AsSpan(at + 4, 4 + length);
            Assert.Equal(Checksum(body), BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)));
            chunks.Add((Encoding.ASCII.GetString(body[..4]), body[4..].ToArray()));
            at += 12 + length;
        }
        return chunks;
    }

    public static byte[] Chunk(string type, byte[] data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Checksum(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }
}

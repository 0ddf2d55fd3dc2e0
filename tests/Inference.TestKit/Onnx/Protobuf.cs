using System.Text;

namespace Inference.TestKit;

/// <summary>Writes protobuf fields by hand; a message is the fields one after the other.</summary>
public static class Protobuf
{
    /// <summary>A length-delimited field: a message or bytes.</summary>
    public static byte[] Field(int number, params ReadOnlySpan<byte[]> parts)
    {
        var content = Join(parts);
        return [.. Varint((ulong)number << 3 | 2), .. Varint((ulong)content.Length), .. content];
    }

    /// <summary>A string field.</summary>
    public static byte[] Field(int number, string text) => Field(number, [Encoding.UTF8.GetBytes(text)]);

    /// <summary>A whole number.</summary>
    public static byte[] Number(int number, ulong value) => [.. Varint((ulong)number << 3), .. Varint(value)];

    /// <summary>The bytes of a number, seven bits each, the lowest first.</summary>
    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }

    /// <summary>Fields one after the other.</summary>
    public static byte[] Join(params ReadOnlySpan<byte[]> parts)
    {
        var all = new List<byte>();
        foreach (var part in parts)
            all.AddRange(part);
        return [.. all];
    }
}

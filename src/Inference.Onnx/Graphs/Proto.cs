using System.Buffers;
using System.Text;

namespace Inference.Onnx;

/// <summary>One field of a protobuf message, as it lies in its bytes.</summary>
/// <param name="Number">Field number.</param>
/// <param name="Wire">Wire type: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.</param>
/// <param name="Value">The number of a varint.</param>
/// <param name="Start">Where the content starts, for the other wire types.</param>
/// <param name="Length">Bytes of content.</param>
internal readonly record struct ProtoField(int Number, int Wire, ulong Value, int Start, int Length)
{
    public const int Varint = 0;
    public const int LengthDelimited = 2;

    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);

    public string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(In(bytes));
}

/// <summary>The protobuf wire format (developers.google.com/protocol-buffers/docs/encoding), as far as ONNX files use it.</summary>
internal static class Proto
{
    /// <summary>The fields of the message that <paramref name="bytes"/> from start to end hold.</summary>
    /// <exception cref="EndOfStreamException">The bytes are no message.</exception>
    public static List<ProtoField> Fields(ReadOnlySpan<byte> bytes, int start, int length)
    {
        var fields = new List<ProtoField>();
        var end = start + length;
        for (var at = start; at < end;)
        {
            var tag = ReadVarint(bytes, ref at, end);
            var wire = (int)(tag & 7);
            var value = wire == ProtoField.Varint ? ReadVarint(bytes, ref at, end) : 0;
            var size = wire switch
            {
                ProtoField.Varint => 0,
                1 => 8,
                ProtoField.LengthDelimited => checked((int)Math.Min(ReadVarint(bytes, ref at, end), int.MaxValue)),
                5 => 4,
                _ => throw new EndOfStreamException(),
            };
            if (size > end - at)
                throw new EndOfStreamException();
            fields.Add(new((int)(tag >> 3), wire, value, at, size));
            at += size;
        }
        return fields;
    }

    /// <inheritdoc cref="Fields(ReadOnlySpan{byte}, int, int)"/>
    public static List<ProtoField> Fields(ReadOnlySpan<byte> message) => Fields(message, 0, message.Length);

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at, int end)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= end)
                throw new EndOfStreamException();
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new EndOfStreamException();
    }
}

/// <summary>Writes a protobuf message.</summary>
internal sealed class ProtoWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public ProtoWriter Number(int field, ulong value)
    {
        Varint((ulong)field << 3);
        Varint(value);
        return this;
    }

    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> content)
    {
        Varint(((ulong)field << 3) | ProtoField.LengthDelimited);
        Varint((ulong)content.Length);
        _bytes.Write(content);
        return this;
    }

    public ProtoWriter Single(int field, float value)
    {
        Varint(((ulong)field << 3) | 5);
        _bytes.Write(BitConverter.GetBytes(value));
        return this;
    }

    public ProtoWriter Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public ProtoWriter Message(int field, ProtoWriter message) => Bytes(field, message._bytes.WrittenSpan);

    /// <summary>A field as it was read.</summary>
    public ProtoWriter Copy(ProtoField field, ReadOnlySpan<byte> source)
    {
        if (field.Wire == ProtoField.Varint)
            return Number(field.Number, field.Value);
        if (field.Wire == ProtoField.LengthDelimited)
            return Bytes(field.Number, field.In(source));
        Varint(((ulong)field.Number << 3) | (uint)field.Wire);
        _bytes.Write(field.In(source));
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Write([(byte)(value | 0x80)]);
        _bytes.Write([(byte)value]);
    }
}

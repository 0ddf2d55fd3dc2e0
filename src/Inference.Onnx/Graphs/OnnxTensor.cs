using System.Globalization;
using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>Where the bytes of a large tensor lie: a range of a file in the graph's folder.</summary>
/// <param name="Location">Path of the file, relative to the graph's folder.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Number of bytes.</param>
internal sealed record TensorBytes(string Location, long Offset, long Length);

/// <summary>
/// An initializer of a graph (onnx.proto, TensorProto). Small ones keep their message; the values of large ones stay in the file they came from.
/// </summary>
internal sealed record OnnxTensor(string Name, int Type, long[] Dimensions, byte[] Message, TensorBytes? Bytes)
{
    public const int RawData = 9;
    public const int FloatType = 1;
    public const int LongType = 7;
    public const int HalfType = 10;
    public const int BFloatType = 16;
    public const int ByteType = 2;
    public const int SignedByteType = 3;

    private const int LongData = 7;
    private const int Large = 1024;
    private const ulong External = 1;

    /// <summary>Number of values.</summary>
    public long Count => Dimensions.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>A small tensor whose values lie in its message.</summary>
    public static OnnxTensor Inline<T>(string name, int type, long[] dimensions, params ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var tensor = new OnnxTensor(name, type, dimensions, [], null);
        return tensor with { Message = tensor.Header(type).Bytes(RawData, MemoryMarshal.AsBytes(values)).ToArray() };
    }

    /// <summary>Reads a tensor of a file.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="start">Where its message starts.</param>
    /// <param name="length">Length of the message.</param>
    /// <param name="location">Name of the file; null keeps large values in the message too.</param>
    public static OnnxTensor Read(ReadOnlySpan<byte> file, int start, int length, string? location = null)
    {
        var (name, type, dimensions, bytes) = ("", 0, new List<long>(), default(TensorBytes));
        var entries = new Dictionary<string, string>();
        foreach (var field in Proto.Fields(file, start, length))
            switch (field.Number)
            {
                case 1 when field.Wire == ProtoField.Varint:
                    dimensions.Add((long)field.Value);
                    break;
                case 1:
                    dimensions.AddRange(Packed(field.In(file)));
                    break;
                case 2:
                    type = (int)field.Value;
                    break;
                case 8:
                    name = field.Text(file);
                    break;
                case RawData when location is not null && field.Length >= Large:
                    bytes = new(location, field.Start, field.Length);
                    break;
                case 13:
                    var entry = Proto.Fields(file, field.Start, field.Length);
                    entries[entry.First(part => part.Number == 1).Text(file)] = entry.First(part => part.Number == 2).Text(file);
                    break;
            }
        if (entries.TryGetValue("location", out var external))
            bytes = new(external, Number(entries, "offset"), Number(entries, "length"));
        return new(name, type, [.. dimensions], bytes is null ? file.Slice(start, length).ToArray() : [], bytes);
    }

    /// <summary>The tensor as a message in which large values point at where they lie.</summary>
    public byte[] ToBytes()
    {
        if (Bytes is null)
            return Message;
        var message = Header(Type);
        message.Message(13, Entry("location", Bytes.Location))
            .Message(13, Entry("offset", Bytes.Offset.ToString(CultureInfo.InvariantCulture)));
        if (Bytes.Length > 0)
            message.Message(13, Entry("length", Bytes.Length.ToString(CultureInfo.InvariantCulture)));
        return message.Number(14, External).ToArray();
    }

    /// <summary>Some rows of it, by the first dimension, as a tensor of its own; large values stay where they are.</summary>
    /// <returns>Null for element types and ways of storing them that are not those of weights.</returns>
    public OnnxTensor? Rows(string name, long first, long count)
    {
        if (Type is not (FloatType or HalfType) || Dimensions is not [var rows, .. var row])
            return null;
        var bytes = row.Aggregate(1L, (product, dimension) => product * dimension) * (Type == FloatType ? sizeof(float) : sizeof(ushort));
        var part = this with { Name = name, Dimensions = [count, .. row] };
        if (Bytes is { } stored)
            return part with { Bytes = stored with { Offset = stored.Offset + first * bytes, Length = count * bytes } };
        var raw = Proto.Fields(Message).FirstOrDefault(field => field.Number == RawData);
        return raw.Length == rows * bytes
            ? part with { Message = part.Header(Type).Bytes(RawData, raw.In(Message).Slice((int)(first * bytes), (int)(count * bytes))).ToArray() }
            : null;
    }

    /// <summary>Whole numbers of a small int64 tensor; empty for others.</summary>
    public long[] Longs()
    {
        if (Type != LongType || Bytes is not null)
            return [];
        var fields = Proto.Fields(Message);
        if (fields.FirstOrDefault(field => field.Number == RawData) is { Number: RawData } raw)
            return MemoryMarshal.Cast<byte, long>(raw.In(Message)).ToArray();
        return [.. fields.Where(field => field.Number == LongData).SelectMany(field => field.Wire == ProtoField.Varint ? [(long)field.Value] : (IEnumerable<long>)Packed(field.In(Message)))];
    }

    /// <summary>The message's dimensions, type and name, for a tensor whose values are written anew.</summary>
    public ProtoWriter Header(int type)
    {
        var message = new ProtoWriter();
        foreach (var dimension in Dimensions)
            message.Number(1, (ulong)dimension);
        return message.Number(2, (ulong)type).Text(8, Name);
    }

    private static ProtoWriter Entry(string key, string value) => new ProtoWriter().Text(1, key).Text(2, value);

    private static long Number(Dictionary<string, string> entries, string key) =>
        entries.TryGetValue(key, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    // Packed varints are the fields of a message without tags.
    public static List<long> Packed(ReadOnlySpan<byte> bytes)
    {
        var (values, value, shift) = (new List<long>(), 0L, 0);
        foreach (var next in bytes)
        {
            value |= (long)(next & 0x7F) << shift;
            shift += 7;
            if (next >= 0x80)
                continue;
            values.Add(value);
            (value, shift) = (0, 0);
        }
        return values;
    }
}

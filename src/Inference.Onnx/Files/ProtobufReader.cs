using System.Text;

namespace Inference.Onnx;

/// <summary>A length-delimited field of a protobuf message.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Start">Position of its first byte in the file.</param>
/// <param name="End">Position behind its last byte.</param>
internal readonly record struct ProtobufField(ulong Number, long Start, long End);

/// <summary>
/// Reads the structure of a protobuf file without its contents: every length is checked against what encloses it, so a crafted file costs neither
/// memory nor time beyond its size.
/// </summary>
internal sealed class ProtobufReader(Stream file)
{
    private const int LengthDelimited = 2;

    /// <summary>The whole file, as the message it holds.</summary>
    public ProtobufField Root => new(0, 0, file.Length);

    /// <summary>The length-delimited fields of a message; others are skipped.</summary>
    /// <exception cref="InvalidDataException">The message is truncated or no protobuf.</exception>
    public IEnumerable<ProtobufField> Fields(ProtobufField message)
    {
        for (var at = message.Start; at < message.End;)
        {
            file.Position = at;
            var tag = ReadVarint();
            var length = (tag & 7) switch
            {
                0 => SkipVarint(),
                1 => 8UL,
                LengthDelimited => ReadVarint(),
                5 => 4UL,
                _ => throw new InvalidDataException($"wire type {tag & 7} at byte {at}"),
            };
            var start = file.Position;
            if (start > message.End || length > (ulong)(message.End - start))
                throw new InvalidDataException($"the field at byte {at} is longer than what encloses it");
            at = start + (long)length;
            if ((tag & 7) == LengthDelimited)
                yield return new(tag >> 3, start, at);
        }
    }

    /// <summary>The text of a string field.</summary>
    /// <param name="field">The field.</param>
    /// <param name="limit">Most bytes it may have.</param>
    /// <exception cref="InvalidDataException">It is longer.</exception>
    public string Text(ProtobufField field, int limit)
    {
        var length = field.End - field.Start;
        if (length > limit)
            throw new InvalidDataException($"the text at byte {field.Start} has {length} bytes, more than {limit}");
        var bytes = new byte[length];
        file.Position = field.Start;
        file.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private ulong SkipVarint()
    {
        ReadVarint();
        return 0;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = file.ReadByte();
            if (next < 0)
                throw new InvalidDataException("the file ends inside a number");
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException($"a number before byte {file.Position} has more than 64 bits");
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Inference.Pipelines;

/// <summary>
/// SentencePiece's precompiled character map (Kudo and Richardson 2018, arXiv:1808.06226, section 3.2): a double-array trie
/// from character sequences to replacements. Applied as Hugging Face tokenizers' <c>Precompiled</c> does it: to a grapheme of
/// fewer than six bytes as a whole where it can, otherwise to each character.
/// </summary>
internal sealed class PrecompiledCharacterMap
{
    private const int LongestGrapheme = 6;

    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private PrecompiledCharacterMap(uint[] units, byte[] replacements) => (_units, _replacements) = (units, replacements);

    /// <summary>Reads the map: trie size in bytes, trie, replacements that each end in a zero; all little-endian.</summary>
    /// <returns>The map, or null where the sizes do not fit.</returns>
    public static PrecompiledCharacterMap? Read(ReadOnlySpan<byte> map)
    {
        if (map.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(map) is var size && (size > map.Length - 4 || size % 4 != 0))
            return null;
        var units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++)
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[(4 + (4 * i))..]);
        return new PrecompiledCharacterMap(units, map[(4 + (int)size)..].ToArray());
    }

    /// <summary>The text with every sequence in the map replaced.</summary>
    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        Span<byte> utf8 = stackalloc byte[LongestGrapheme];
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var grapheme = rest[..StringInfo.GetNextTextElementLength(rest)];
            rest = rest[grapheme.Length..];
            if (Encoding.UTF8.TryGetBytes(grapheme, utf8, out var length) && length < LongestGrapheme
                && Replacement(utf8[..length]) is { } whole)
            {
                result.Append(whole);
                continue;
            }
            foreach (var rune in grapheme.EnumerateRunes())
                result.Append(Replacement(utf8[..rune.EncodeToUtf8(utf8)]) ?? rune.ToString());
        }
        return result.ToString();
    }

    // The shortest key that starts the bytes decides, as in the reference, even where it leaves some of them over.
    private string? Replacement(ReadOnlySpan<byte> bytes)
    {
        var node = Offset(Unit(0));
        foreach (var b in bytes)
        {
            if (b == 0)
                return null;
            node ^= b;
            var unit = Unit(node);
            if (Label(unit) != b)
                return null;
            node ^= Offset(unit);
            if (HasLeaf(unit))
                return Text(Value(Unit(node)));
        }
        return null;
    }

    private string? Text(uint start)
    {
        if (start > _replacements.Length)
            return null;
        var text = _replacements.AsSpan((int)start);
        var end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }

    // A node beyond a damaged trie has a label that no byte equals.
    private uint Unit(uint node) => node < _units.Length ? _units[node] : uint.MaxValue;

    // Bit fields of a darts-clone unit.
    private static bool HasLeaf(uint unit) => ((unit >> 8) & 1) == 1;

    private static uint Value(uint unit) => unit & 0x7FFF_FFFF;

    private static uint Label(uint unit) => unit & 0x8000_00FF;

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}

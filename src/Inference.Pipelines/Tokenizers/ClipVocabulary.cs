using System.Text;
using System.Text.Json;

namespace Inference.Pipelines;

/// <summary>Reads vocab.json and merges.txt of a CLIP tokenizer.</summary>
internal static class ClipVocabulary
{
    /// <summary>Suffix of a word's last symbol.</summary>
    public const string EndOfWord = "</w>";

    // CLIPTokenizer reads no more lines of merges.txt than belong to CLIP's 49,408 tokens.
    private const int MostMerges = 49_152 - 256 - 2;

    /// <summary>Id of each token.</summary>
    public static IReadOnlyDictionary<string, int> ReadIds(TokenizerFile file)
    {
        const string Expected = "the vocabulary, token to id";
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in file.ReadObject(Expected).EnumerateObject())
            ids[Name(file, entry)] = file.Id(entry.Value, $"the id of '{Name(file, entry)}'");
        return ids.Count > 0 ? ids : throw file.Error($"expected {Expected}, found no token");
    }

    /// <summary>The merge of each pair of ids with its rank, from lines of two tokens; the first line is the file's version.</summary>
    public static Dictionary<(int Left, int Right), (int Rank, int Id)> ReadMerges(
        TokenizerFile file, IReadOnlyDictionary<string, int> vocabulary)
    {
        var merges = new Dictionary<(int Left, int Right), (int Rank, int Id)>();
        var lines = ReadText(file).Trim().Split('\n');
        for (var i = 1; i < Math.Min(lines.Length, MostMerges + 1); i++)
        {
            var parts = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 2)
                throw file.Error($"expected two tokens on line {i + 1}, found {parts.Length}");
            // A pair that comes twice has the rank of its last line, as in the reference.
            merges[(Id(parts[0], i), Id(parts[1], i))] = (i, Id(parts[0] + parts[1], i));
        }
        return merges;

        int Id(string token, int line) => vocabulary.TryGetValue(token, out var id)
            ? id
            : throw file.Error($"expected tokens of vocab.json on line {line + 1}, found '{token}'");
    }

    private static string ReadText(TokenizerFile file)
    {
        try
        {
            return new UTF8Encoding(false, true).GetString(file.ReadBytes("the merges, two tokens a line"));
        }
        catch (DecoderFallbackException e)
        {
            throw new TokenizerException(file.Path, "expected the merges as UTF-8 text", e);
        }
    }

    private static string Name(TokenizerFile file, JsonProperty entry)
    {
        try
        {
            return entry.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new TokenizerException(file.Path, "expected tokens of whole Unicode characters", e);
        }
    }
}

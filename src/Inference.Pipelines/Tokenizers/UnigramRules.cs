using System.Text.Json;
using System.Text.RegularExpressions;

namespace Inference.Pipelines;

/// <summary>Reads the normalizer and the pre-tokenizer of a tokenizer.json as functions; kinds other than T5's are refused.</summary>
internal static class UnigramRules
{
    /// <summary>The normalizer: text to text.</summary>
    public static Func<string, string> Normalizer(TokenizerFile file, JsonElement rule)
    {
        if (rule.ValueKind == JsonValueKind.Null)
            return text => text;
        switch (Type(file, rule))
        {
            case "Sequence":
                var parts = file.Member(rule, "normalizers", JsonValueKind.Array).EnumerateArray().Select(r => Normalizer(file, r)).ToArray();
                return text => parts.Aggregate(text, (t, part) => part(t));
            case "Precompiled":
                return CharacterMap(file, rule).Normalize;
            case "Strip":
                var (left, right) = (file.Flag(rule, "strip_left"), file.Flag(rule, "strip_right"));
                return text => (left, right) switch
                {
                    (true, true) => text.Trim(),
                    (true, false) => text.TrimStart(),
                    (false, true) => text.TrimEnd(),
                    _ => text,
                };
            case "Replace":
                return Replace(file, rule);
            case var other:
                throw file.Error($"expected a normalizer Sequence, Precompiled, Strip or Replace, found '{other}'");
        }
    }

    /// <summary>The pre-tokenizer: text to the pieces that the model sees one by one.</summary>
    public static Func<string, IEnumerable<string>> PreTokenizer(TokenizerFile file, JsonElement rule)
    {
        switch (Type(file, rule))
        {
            case "Sequence":
                var parts = file.Member(rule, "pretokenizers", JsonValueKind.Array).EnumerateArray().Select(r => PreTokenizer(file, r)).ToArray();
                return text => parts.Aggregate<Func<string, IEnumerable<string>>, IEnumerable<string>>([text], (pieces, part) => pieces.SelectMany(part));
            case "WhitespaceSplit":
                return text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            case "Metaspace":
                return Metaspace(file, rule);
            case var other:
                throw file.Error($"expected a pre-tokenizer Sequence, WhitespaceSplit or Metaspace, found '{other}'");
        }
    }

    // Spaces become the replacement, one is put in front, and a piece starts at each.
    private static Func<string, IEnumerable<string>> Metaspace(TokenizerFile file, JsonElement rule)
    {
        var mark = file.Text(file.Member(rule, "replacement", JsonValueKind.String), "'replacement'");
        var isAlways = rule.TryGetProperty("prepend_scheme", out var scheme) ? scheme.ValueEquals("always") : file.Flag(rule, "add_prefix_space");
        if (mark.Length != 1 || !isAlways || (rule.TryGetProperty("split", out var split) && split.ValueKind != JsonValueKind.True))
            throw file.Error("expected a Metaspace of one character with 'prepend_scheme' always and 'split' true");
        return text =>
        {
            var marked = text.Replace(' ', mark[0]);
            return Pieces(marked.StartsWith(mark[0]) ? marked : mark + marked, mark[0]);
        };
    }

    private static IEnumerable<string> Pieces(string text, char mark)
    {
        for (var start = 0; start < text.Length;)
        {
            var next = text.IndexOf(mark, start + 1);
            var end = next < 0 ? text.Length : next;
            yield return text[start..end];
            start = end;
        }
    }

    private static PrecompiledCharacterMap CharacterMap(TokenizerFile file, JsonElement rule)
    {
        var member = file.Member(rule, "precompiled_charsmap", JsonValueKind.String);
        return (member.TryGetBytesFromBase64(out var bytes) ? PrecompiledCharacterMap.Read(bytes) : null)
            ?? throw file.Error("expected 'precompiled_charsmap' to be a SentencePiece character map in base 64");
    }

    private static Func<string, string> Replace(TokenizerFile file, JsonElement rule)
    {
        var content = file.Text(file.Member(rule, "content", JsonValueKind.String), "'content' of Replace");
        var pattern = file.Member(rule, "pattern", JsonValueKind.Object);
        if (pattern.TryGetProperty("String", out var plain))
        {
            var sought = file.Text(plain, "'pattern.String' of Replace");
            return sought.Length > 0 ? text => text.Replace(sought, content, StringComparison.Ordinal) : throw file.Error("expected 'pattern.String' of Replace not to be empty");
        }
        try
        {
            // Non-backtracking: linear in the prompt whatever the pattern.
            var regex = new Regex(
                file.Text(file.Member(pattern, "Regex", JsonValueKind.String), "'pattern.Regex' of Replace"),
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return text => regex.Replace(text, _ => content);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new TokenizerException(file.Path, "expected 'pattern.Regex' of Replace to be a regular expression without look-around", e);
        }
    }

    private static string Type(TokenizerFile file, JsonElement rule) =>
        file.Text(file.Member(rule, "type", JsonValueKind.String), "'type' of a rule");
}

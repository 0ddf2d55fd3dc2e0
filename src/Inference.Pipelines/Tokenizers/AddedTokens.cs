using System.Buffers;
using System.Text;

namespace Inference.Pipelines;

/// <summary>A token that is recognised in text as a whole, before the model splits the rest (Hugging Face <c>AddedToken</c>).</summary>
/// <param name="Content">The text that stands for it.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsNormalized">Whether it is looked for in the normalized text rather than in the text as given.</param>
/// <param name="SingleWord">Whether it must not touch a word character on either side.</param>
/// <param name="LeftStrip">Whether it swallows the white space before it.</param>
/// <param name="RightStrip">Whether it swallows the white space after it.</param>
internal sealed record AddedToken(
    string Content, int Id, bool IsNormalized, bool SingleWord = false, bool LeftStrip = false, bool RightStrip = false);

/// <summary>
/// Cuts text at added tokens: leftmost first, then longest, as Hugging Face tokenizers'
/// <c>AddedVocabulary::extract_and_normalize</c> does with an Aho-Corasick automaton.
/// </summary>
internal sealed class AddedTokens
{
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<string> _anyContent;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _longestFirst = [.. tokens.Where(t => t.Content.Length > 0).OrderByDescending(t => t.Content.Length)];
        _anyContent = SearchValues.Create(_longestFirst.Select(t => t.Content).ToArray(), StringComparison.Ordinal);
    }

    /// <summary>The pieces of the text in order: ranges with the token found there, or null for text between tokens. No piece is empty.</summary>
    public IEnumerable<(Range Range, AddedToken? Token)> Split(string text)
    {
        var done = 0;
        var from = 0;
        while (Find(text, from) is { } found)
        {
            var (start, token) = found;
            var end = start + token.Content.Length;
            from = end;
            if (token.SingleWord && (EndsWithWord(text.AsSpan(0, start)) || StartsWithWord(text.AsSpan(end))))
                continue;
            if (token.LeftStrip)
                start = Math.Max(done, text.AsSpan(0, start).TrimEnd().Length);
            if (token.RightStrip)
                end = text.Length - text.AsSpan(end).TrimStart().Length;
            if (done < start)
                yield return (done..start, null);
            yield return (start..end, token);
            (done, from) = (end, end);
        }
        if (done < text.Length)
            yield return (done..text.Length, null);
    }

    private (int Start, AddedToken Token)? Find(string text, int from)
    {
        var at = text.AsSpan(from).IndexOfAny(_anyContent);
        if (at < 0)
            return null;
        foreach (var token in _longestFirst)
        {
            if (text.AsSpan(from + at).StartsWith(token.Content, StringComparison.Ordinal))
                return (from + at, token);
        }
        return null;
    }

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is System.Globalization.UnicodeCategory.NonSpacingMark
        or System.Globalization.UnicodeCategory.SpacingCombiningMark
        or System.Globalization.UnicodeCategory.EnclosingMark
        or System.Globalization.UnicodeCategory.LetterNumber
        or System.Globalization.UnicodeCategory.ConnectorPunctuation;
}

using System.Globalization;
using System.Text;

namespace Inference.Pipelines;

/// <summary>
/// CLIP's text rules as <c>CLIPTokenizerFast</c> has them: NFC, runs of white space to one space, lower case; then words by
/// <c>'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+</c>. Written over runes, since .NET's regular expressions
/// see a letter beyond U+FFFF as two surrogates.
/// </summary>
internal static class ClipText
{
    private static readonly string[] _contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum RuneClass
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>Text whose lone surrogates are U+FFFD, so that it has a UTF-8 form.</summary>
    public static string WellFormed(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            return text;
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Append(result, rune);
        return result.ToString();
    }

    /// <summary>NFC, single spaces, lower case by the full mapping of each character without regard to its neighbours.</summary>
    public static string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        var wasSpace = false;
        foreach (var rune in Compose(text).EnumerateRunes())
        {
            var isSpace = Rune.IsWhiteSpace(rune);
            if (!isSpace)
                AppendLower(result, rune);
            else if (!wasSpace)
                result.Append(' ');
            wasSpace = isSpace;
        }
        return result.ToString();
    }

    // string.Normalize refuses the noncharacter U+FFFE, across which nothing composes.
    private static string Compose(string text) =>
        string.Join('\uFFFE', text.Split('\uFFFE').Select(part => part.Normalize(NormalizationForm.FormC)));

    /// <summary>The words of normalized text in order; white space belongs to none.</summary>
    public static IEnumerable<Range> Words(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = WordEnd(text, start, out var kind);
            if (kind != RuneClass.Space)
                yield return start..end;
            start = end;
        }
    }

    private static int WordEnd(string text, int start, out RuneClass kind)
    {
        var contraction = Array.Find(_contractions, c => text.AsSpan(start).StartsWith(c, StringComparison.Ordinal));
        kind = Classify(Rune.GetRuneAt(text, start), out var length);
        if (contraction is not null)
            return start + contraction.Length;

        var end = start + length;
        while (kind != RuneClass.Number && end < text.Length && Classify(Rune.GetRuneAt(text, end), out length) == kind)
            end += length;
        return end;
    }

    private static RuneClass Classify(Rune rune, out int length)
    {
        length = rune.Utf16SequenceLength;
        if (Rune.IsWhiteSpace(rune))
            return RuneClass.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => RuneClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => RuneClass.Number,
            _ => RuneClass.Other,
        };
    }

    private static void AppendLower(StringBuilder result, Rune rune)
    {
        // The only character whose lower case has two characters; the invariant culture leaves it alone.
        if (rune.Value == 0x130)
            result.Append("i\u0307");
        else
            Append(result, Rune.ToLowerInvariant(rune));
    }

    private static void Append(StringBuilder result, Rune rune)
    {
        Span<char> characters = stackalloc char[2];
        result.Append(characters[..rune.EncodeToUtf16(characters)]);
    }
}

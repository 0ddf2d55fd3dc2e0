using System.Runtime.InteropServices;

namespace Inference.Pipelines;

/// <summary>
/// CLIP's lower-cased byte-level BPE (Radford et al. 2021, arXiv:2103.00020, section 2.4), giving the ids of Hugging Face's
/// <c>CLIPTokenizerFast</c>: special tokens in the text are recognised, the row is cut to fit with its end token kept, and
/// padded with the configured token (the end token, or <c>!</c> in OpenCLIP's encoders).
/// </summary>
internal sealed class ClipTokenizer : ITokenizer
{
    private readonly BytePairEncoding _words;
    private readonly SpecialTokens _special;
    private readonly AddedTokens _raw;
    private readonly AddedTokens _normalized;

    private ClipTokenizer(BytePairEncoding words, SpecialTokens special, int maxLength)
    {
        (_words, _special, MaxLength) = (words, special, maxLength);
        _raw = new AddedTokens(special.Added.Where(t => !t.IsNormalized));
        _normalized = new AddedTokens(special.Added.Where(t => t.IsNormalized)
            .Select(t => t with { Content = ClipText.Normalize(t.Content) }));
    }

    public int MaxLength { get; }

    /// <summary>Reads vocab.json, merges.txt, tokenizer_config.json and, where present, special_tokens_map.json.</summary>
    /// <exception cref="TokenizerException">A file is missing or broken.</exception>
    public static ClipTokenizer Load(string folder)
    {
        var vocabulary = ClipVocabulary.ReadIds(TokenizerFile.In(folder, "vocab.json"));
        var configFile = TokenizerFile.In(folder, "tokenizer_config.json");
        var config = configFile.ReadObject("the tokenizer's settings");
        var special = SpecialTokens.Read(configFile, config, TokenizerFile.In(folder, "special_tokens_map.json"), vocabulary);
        var merges = ClipVocabulary.ReadMerges(TokenizerFile.In(folder, "merges.txt"), vocabulary);

        var words = new BytePairEncoding(
            token => vocabulary.TryGetValue(token, out var id) ? id : null, merges, ClipVocabulary.EndOfWord, special.Unknown);
        return new ClipTokenizer(words, special, TokenizerSettings.MaxLength(configFile, config));
    }

    public TokenizedPrompt Encode(string text, int? maxLength = null)
    {
        var length = maxLength ?? MaxLength;
        var content = Content(ClipText.WellFormed(text), length);
        return TokenizedPrompt.Frame(
            [_special.Begin], CollectionsMarshal.AsSpan(content), [_special.End], _special.Pad, length);
    }

    // What comes after the row is full is not looked at: a prompt costs no more memory than its longest word.
    private List<int> Content(string text, int enough)
    {
        var ids = new List<int>();
        foreach (var (range, token) in _raw.Split(text))
        {
            if (token is not null)
                ids.Add(token.Id);
            else
                AppendNormalized(ClipText.Normalize(text[range]), enough, ids);
            if (ids.Count >= enough)
                break;
        }
        return ids;
    }

    private void AppendNormalized(string text, int enough, List<int> ids)
    {
        foreach (var (range, token) in _normalized.Split(text))
        {
            if (token is not null)
                ids.Add(token.Id);
            else
                AppendWords(text[range], enough, ids);
            if (ids.Count >= enough)
                return;
        }
    }

    private void AppendWords(string text, int enough, List<int> ids)
    {
        foreach (var word in ClipText.Words(text))
        {
            _words.Encode(text.AsSpan(word), ids);
            if (ids.Count >= enough)
                return;
        }
    }
}

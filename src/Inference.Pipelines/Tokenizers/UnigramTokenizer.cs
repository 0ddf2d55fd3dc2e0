using System.Runtime.InteropServices;
using System.Text.Json;

namespace Inference.Pipelines;

/// <summary>
/// T5's SentencePiece Unigram tokenizer as a Hugging Face tokenizer.json describes it: added tokens, normalizer,
/// pre-tokenizer, Viterbi segmentation, and the template's special tokens around the result.
/// </summary>
internal sealed class UnigramTokenizer : ITokenizer
{
    private readonly AddedTokens _raw;
    private readonly AddedTokens _normalized;
    private readonly Func<string, string> _normalizer;
    private readonly Func<string, IEnumerable<string>> _preTokenizer;
    private readonly UnigramModel _model;
    private readonly UnigramTemplate _template;
    private readonly int _pad;

    private UnigramTokenizer(TokenizerFile file, JsonElement root, int maxLength, string padToken)
    {
        MaxLength = maxLength;
        _normalizer = root.TryGetProperty("normalizer", out var normalizer) ? UnigramRules.Normalizer(file, normalizer) : text => text;
        _preTokenizer = UnigramRules.PreTokenizer(file, file.Member(root, "pre_tokenizer", JsonValueKind.Object));
        _template = UnigramTemplate.Read(file, root);

        var added = UnigramVocabulary.ReadAdded(file, root);
        _raw = new AddedTokens(added.Where(t => !t.IsNormalized));
        _normalized = new AddedTokens(added.Where(t => t.IsNormalized).Select(t => t with { Content = _normalizer(t.Content) }));

        var (pieces, unknown) = UnigramVocabulary.ReadPieces(file, root);
        _model = new UnigramModel(pieces, unknown);
        _pad = added.FirstOrDefault(t => t.Content == padToken)?.Id
            ?? throw file.Error($"expected 'added_tokens' to have the padding token '{padToken}'");
    }

    public int MaxLength { get; }

    /// <summary>Reads tokenizer.json and tokenizer_config.json.</summary>
    /// <exception cref="TokenizerException">A file is missing, broken or of another kind.</exception>
    public static UnigramTokenizer Load(string folder)
    {
        var file = TokenizerFile.In(folder, "tokenizer.json");
        var root = file.ReadObject("the tokenizer's description");
        var configFile = TokenizerFile.In(folder, "tokenizer_config.json");
        var config = configFile.ReadObject("the tokenizer's settings");
        var pad = !config.TryGetProperty("pad_token", out var token) ? "<pad>"
            : token.ValueKind == JsonValueKind.Object ? configFile.Text(configFile.Member(token, "content", JsonValueKind.String), "'pad_token.content'")
            : configFile.Text(token, "'pad_token'");
        return new UnigramTokenizer(file, root, TokenizerSettings.MaxLength(configFile, config), pad);
    }

    public TokenizedPrompt Encode(string text, int? maxLength = null)
    {
        var length = maxLength ?? MaxLength;
        var content = Content(ClipText.WellFormed(text), length);
        return TokenizedPrompt.Frame(_template.Before, CollectionsMarshal.AsSpan(content), _template.After, _pad, length);
    }

    private List<int> Content(string text, int enough)
    {
        var ids = new List<int>();
        foreach (var (range, token) in _raw.Split(text))
        {
            if (token is not null)
                ids.Add(token.Id);
            else
                AppendNormalized(_normalizer(text[range]), enough, ids);
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
            {
                ids.Add(token.Id);
                continue;
            }
            foreach (var piece in _preTokenizer(text[range]))
            {
                _model.Encode(piece, ids);
                if (ids.Count >= enough)
                    return;
            }
        }
    }
}

using System.Text.Json;

namespace Inference.Pipelines;

/// <summary>The special tokens that a CLIP tokenizer's configuration names, and every token to recognise in text.</summary>
/// <param name="Begin">Id that starts a row.</param>
/// <param name="End">Id that ends a row.</param>
/// <param name="Pad">Id that fills a row.</param>
/// <param name="Unknown">Id of what the vocabulary lacks.</param>
/// <param name="Added">Tokens to recognise in text.</param>
internal sealed record SpecialTokens(int Begin, int End, int Pad, int Unknown, IReadOnlyList<AddedToken> Added)
{
    private sealed record Role(string Name, string Default, bool NormalizedWhenPlain);

    // CLIPTokenizer's defaults. A token given as a plain string is looked for in normalized text, except the padding token.
    private static readonly Role[] _roles =
    [
        new("bos_token", "<|startoftext|>", true),
        new("eos_token", "<|endoftext|>", true),
        new("unk_token", "<|endoftext|>", true),
        new("pad_token", "<|endoftext|>", false),
    ];

    /// <summary>
    /// Reads <c>added_tokens_decoder</c> and the token roles. special_tokens_map.json says the same as tokenizer_config.json
    /// where both are present; as in the reference it stands in for members that tokenizer_config.json lacks.
    /// </summary>
    public static SpecialTokens Read(TokenizerFile configFile, JsonElement config, TokenizerFile mapFile, IReadOnlyDictionary<string, int> vocabulary)
    {
        var map = mapFile.Exists ? mapFile.ReadObject("the map of special tokens") : default;
        var added = ReadAdded(configFile, config);

        var roles = new Dictionary<string, int>();
        foreach (var role in _roles)
        {
            var (file, value) = Present(config, role.Name) is { } own ? (configFile, own)
                : Present(map, role.Name) is { } mapped ? (mapFile, mapped)
                : (configFile, default);
            var token = ReadToken(file, role, value, content => added.Find(t => t.Content == content)?.Id
                ?? (vocabulary.TryGetValue(content, out var id) ? id : null));
            if (added.TrueForAll(t => t.Content != token.Content))
                added.Add(token);
            roles[role.Name] = token.Id;
        }
        return new SpecialTokens(roles["bos_token"], roles["eos_token"], roles["pad_token"], roles["unk_token"], added);
    }

    private static JsonElement? Present(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static List<AddedToken> ReadAdded(TokenizerFile file, JsonElement config)
    {
        var added = new List<AddedToken>();
        if (Present(config, "added_tokens_decoder") is not { } decoder)
            return added;
        if (decoder.ValueKind != JsonValueKind.Object)
            throw file.Error("expected 'added_tokens_decoder' to be a JSON object of id to token");
        foreach (var entry in decoder.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, out var id) || id < 0 || entry.Value.ValueKind != JsonValueKind.Object)
                throw file.Error($"expected 'added_tokens_decoder' to hold objects by id, found '{entry.Name}'");
            added.Add(ReadObject(file, entry.Value, id));
        }
        return added;
    }

    private static AddedToken ReadToken(TokenizerFile file, Role role, JsonElement value, Func<string, int?> idOf)
    {
        var content = value.ValueKind switch
        {
            JsonValueKind.Undefined => role.Default,
            JsonValueKind.Object => file.Text(file.Member(value, "content", JsonValueKind.String), $"'{role.Name}.content'"),
            _ => file.Text(value, $"'{role.Name}'"),
        };
        var id = idOf(content) ?? throw file.Error($"expected '{role.Name}' to name a token of the vocabulary, found '{content}'");
        return value.ValueKind == JsonValueKind.Object
            ? ReadObject(file, value, id)
            : new AddedToken(content, id, role.NormalizedWhenPlain);
    }

    private static AddedToken ReadObject(TokenizerFile file, JsonElement token, int id) => new(
        file.Text(file.Member(token, "content", JsonValueKind.String), "'content' of an added token"),
        id,
        file.Flag(token, "normalized"),
        file.Flag(token, "single_word"),
        file.Flag(token, "lstrip"),
        file.Flag(token, "rstrip"));
}

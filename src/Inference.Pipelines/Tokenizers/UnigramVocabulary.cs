using System.Text.Json;

namespace Inference.Pipelines;

/// <summary>Reads the model and the added tokens of a tokenizer.json with a Unigram model.</summary>
internal static class UnigramVocabulary
{
    /// <summary>Text and log-probability of each id, and the id of unknown text.</summary>
    public static (IReadOnlyList<(string Text, double Score)> Pieces, int Unknown) ReadPieces(TokenizerFile file, JsonElement root)
    {
        var model = file.Member(root, "model", JsonValueKind.Object);
        // Files written before the member 'type' existed have none.
        if (model.TryGetProperty("type", out var type) && !type.ValueEquals("Unigram"))
            throw file.Error($"expected 'model.type' to be Unigram, found {type.GetRawText()}");
        if (file.Flag(model, "byte_fallback"))
            throw file.Error("expected 'model.byte_fallback' to be false; T5's vocabularies have no byte tokens");

        var pieces = new List<(string, double)>();
        foreach (var entry in file.Member(model, "vocab", JsonValueKind.Array).EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2
                || entry[1].ValueKind != JsonValueKind.Number || !entry[1].TryGetDouble(out var score) || !double.IsFinite(score))
                throw file.Error($"expected 'model.vocab' to hold pairs of text and finite score, found {Shortened(entry)} for id {pieces.Count}");
            pieces.Add((file.Text(entry[0], $"the text of id {pieces.Count}"), score));
        }

        var unknown = file.Id(file.Member(model, "unk_id", JsonValueKind.Number), "'model.unk_id'");
        return unknown < pieces.Count
            ? (pieces, unknown)
            : throw file.Error($"expected 'model.unk_id' to be below the {pieces.Count} entries of 'model.vocab', found {unknown}");
    }

    /// <summary>The tokens to recognise in text as a whole.</summary>
    public static IReadOnlyList<AddedToken> ReadAdded(TokenizerFile file, JsonElement root) =>
    [
        .. file.Member(root, "added_tokens", JsonValueKind.Array).EnumerateArray().Select(token => new AddedToken(
            file.Text(file.Member(token, "content", JsonValueKind.String), "'content' of an added token"),
            file.Id(file.Member(token, "id", JsonValueKind.Number), "'id' of an added token"),
            file.Flag(token, "normalized"),
            file.Flag(token, "single_word"),
            file.Flag(token, "lstrip"),
            file.Flag(token, "rstrip"))),
    ];

    private static string Shortened(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? text[..60] + "..." : value.GetRawText();
}

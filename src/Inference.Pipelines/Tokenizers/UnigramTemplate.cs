using System.Text.Json;

namespace Inference.Pipelines;

/// <summary>The special tokens around a prompt: a tokenizer.json's <c>TemplateProcessing</c> for a single text.</summary>
/// <param name="Before">Ids before the text.</param>
/// <param name="After">Ids after it; the end token for T5.</param>
internal sealed record UnigramTemplate(int[] Before, int[] After)
{
    public static UnigramTemplate Read(TokenizerFile file, JsonElement root)
    {
        var processor = file.Member(root, "post_processor", JsonValueKind.Object);
        if (!file.Member(processor, "type", JsonValueKind.String).ValueEquals("TemplateProcessing"))
            throw file.Error("expected 'post_processor' to be a TemplateProcessing");

        var (before, after) = (new List<int>(), new List<int>());
        var side = before;
        foreach (var part in file.Member(processor, "single", JsonValueKind.Array).EnumerateArray())
        {
            if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("Sequence", out _))
                side = after;
            else
                side.AddRange(Ids(file, processor, file.Member(part, "SpecialToken", JsonValueKind.Object)));
        }
        return new UnigramTemplate([.. before], [.. after]);
    }

    private static IEnumerable<int> Ids(TokenizerFile file, JsonElement processor, JsonElement token)
    {
        var name = file.Text(file.Member(token, "id", JsonValueKind.String), "'id' of a special token");
        var entry = file.Member(file.Member(processor, "special_tokens", JsonValueKind.Object), name, JsonValueKind.Object);
        return file.Member(entry, "ids", JsonValueKind.Array).EnumerateArray().Select(id => file.Id(id, $"the ids of '{name}'"));
    }
}

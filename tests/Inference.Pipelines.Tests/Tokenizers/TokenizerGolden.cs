using System.Text.Json;

namespace Inference.Pipelines.Tests;

/// <summary>Golden/tokens.json: ids that the Hugging Face tokenizers give for hard strings.</summary>
internal static class TokenizerGolden
{
    public static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);

    /// <summary>Rows of the column that have ids.</summary>
    public static IEnumerable<(string Text, long[] Ids)> Rows(string column)
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Folder("tokens.json")));
        foreach (var row in golden.RootElement.GetProperty("rows").EnumerateArray())
        {
            if (row.GetProperty(column) is { ValueKind: JsonValueKind.Array } ids)
                yield return (row.GetProperty("text").GetString()!, ids.EnumerateArray().Select(id => id.GetInt64()).ToArray());
        }
    }

    public static TheoryData<string, long[]> Theory(string column)
    {
        var data = new TheoryData<string, long[]>();
        foreach (var (text, ids) in Rows(column))
            data.Add(text, ids);
        return data;
    }
}

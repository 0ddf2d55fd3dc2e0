using System.Text.Json;

namespace Inference.Pipelines.Tests;

/// <summary>golden/tokens.json: ids that the Hugging Face tokenizers give for hard strings, by the tokenizers of the test pipelines.</summary>
internal static class TokenizerGolden
{
    /// <summary>The tokenizer's folder that a column of ids is from: clip, clip-pad-exclamation, t5 or t5-classic.</summary>
    public static string Folder(string name)
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(TestPipelines.GoldenFile("tokens.json")));
        return Path.Combine(TestPipelines.Root, golden.RootElement.GetProperty(name.Replace('-', '_') + "_from").GetString()!);
    }

    /// <summary>Rows of the column that have ids.</summary>
    public static IEnumerable<(string Text, long[] Ids)> Rows(string column)
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(TestPipelines.GoldenFile("tokens.json")));
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

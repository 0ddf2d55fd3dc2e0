using System.Text.Json.Nodes;

namespace Inference.Pipelines.Tests;

public sealed class UnigramTokenizerTests
{
    private const int Pad = 0;
    private const int End = 1;
    private const int Unknown = 2;

    private static readonly ITokenizer _t5 = TokenizerFolder.Load(TokenizerGolden.Folder("t5"));
    private static readonly ITokenizer _classic = TokenizerFolder.Load(TokenizerGolden.Folder("t5-classic"));

    public static TheoryData<string, long[]> T5Rows => TokenizerGolden.Theory("t5");

    public static TheoryData<string, long[]> ClassicRows => TokenizerGolden.Theory("t5_classic");

    [Theory]
    [MemberData(nameof(T5Rows))]
    public void Encode_Golden_EqualsReference(string text, long[] expected) => Assert.Equal(expected, Content(_t5, text));

    [Theory]
    [MemberData(nameof(ClassicRows))]
    public void Encode_GoldenOfTheOlderForm_EqualsReference(string text, long[] expected) => Assert.Equal(expected, Content(_classic, text));

    // Ids from the Rust library for cases that the golden rows lack.
    [Theory]
    [InlineData("the<extra_id_99>the</s>", new long[] { 8, 15, 900, 8, 15, 1, End })]
    [InlineData("a  red\r\napple \n", new long[] { 3, 28, 104, End })]
    public void Encode_AddedTokensAndSpaces_EqualsReference(string text, long[] expected) => Assert.Equal(expected, Content(_t5, text));

    [Fact]
    public void Encode_ShortPrompt_IsPaddedToTheModelsLength()
    {
        var prompt = _t5.Encode("a red apple");
        Assert.Equal((256, false), (prompt.Ids.Length, prompt.Truncated));
        Assert.Equal(End, prompt.Ids[prompt.Length - 1]);
        Assert.All(prompt.Ids[prompt.Length..], id => Assert.Equal(Pad, id));
    }

    [Fact]
    public void Encode_LongPrompt_IsCutBeforeTheEndToken()
    {
        var whole = _t5.Encode("a red apple on a blue background", 16);
        var cut = _t5.Encode("a red apple on a blue background", 5);
        Assert.Equal((5, 5, true), (cut.Ids.Length, cut.Length, cut.Truncated));
        Assert.Equal([.. whole.Ids[..4], End], cut.Ids);
    }

    [Fact]
    public void Encode_RunOfUnknownCharacters_IsOneToken() =>
        Assert.Equal([8, Unknown, End], Content(_t5, "\u65E5\u672C\u8A9E"));

    [Theory]
    [InlineData("a")]
    [InlineData("\u0301")]
    [InlineData("\u65E5")]
    [InlineData("</s")]
    [InlineData(" ")]
    public async Task Encode_HugeWord_IsNotQuadratic(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 200_000 / unit.Length));
        await Task.Run(() => (_t5.Encode(text), _classic.Encode(text))).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("normalizer", "{\"type\": \"Nmt\"}")]
    [InlineData("normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"/////w==\"}")]
    [InlineData("normalizer", "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(\"}, \"content\": \"\"}")]
    [InlineData("pre_tokenizer", "{\"type\": \"ByteLevel\"}")]
    [InlineData("pre_tokenizer", "null")]
    [InlineData("post_processor", "{\"type\": \"BertProcessing\"}")]
    [InlineData("added_tokens", "[]")]
    [InlineData("model", "{\"type\": \"BPE\"}")]
    [InlineData("model", "{\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": []}")]
    [InlineData("model", "{\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"a\", \"b\"]]}")]
    [InlineData("model", "{\"type\": \"Unigram\", \"unk_id\": 0, \"byte_fallback\": true, \"vocab\": [[\"a\", 0]]}")]
    public void Load_OtherKindOrBroken_NamesTheFile(string member, string value)
    {
        var folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;
        try
        {
            var description = JsonNode.Parse(File.ReadAllText(Path.Combine(TokenizerGolden.Folder("t5"), "tokenizer.json")))!;
            description[member] = JsonNode.Parse(value);
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), description.ToJsonString());
            File.Copy(Path.Combine(TokenizerGolden.Folder("t5"), "tokenizer_config.json"), Path.Combine(folder, "tokenizer_config.json"));

            var error = Assert.Throws<TokenizerException>(() => TokenizerFolder.Load(folder));
            Assert.EndsWith("tokenizer.json", error.File);
            Assert.Contains("expected", error.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Load_EmptyFolder_SaysWhatIsExpected() =>
        Assert.Contains("vocab.json", Assert.Throws<TokenizerException>(() => TokenizerFolder.Load(Path.Combine(AppContext.BaseDirectory, "nowhere"))).Message);

    private static long[] Content(ITokenizer tokenizer, string text)
    {
        // The golden rows are cut off at 256 ids.
        var prompt = tokenizer.Encode(text, 256);
        return prompt.Ids[..prompt.Length];
    }
}

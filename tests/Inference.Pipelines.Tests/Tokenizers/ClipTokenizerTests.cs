namespace Inference.Pipelines.Tests;

public sealed class ClipTokenizerTests
{
    private const int Begin = 4094;
    private const int End = 4095;

    private static readonly ITokenizer _clip = TokenizerFolder.Load(TokenizerGolden.Folder("clip"));
    private static readonly ITokenizer _padExclamation = TokenizerFolder.Load(TokenizerGolden.Folder("clip-pad-exclamation"));

    public static TheoryData<string, long[]> ClipRows => TokenizerGolden.Theory("clip");

    public static TheoryData<string, long[]> PadExclamationRows => TokenizerGolden.Theory("clip_pad_exclamation");

    [Theory]
    [MemberData(nameof(ClipRows))]
    public void Encode_Golden_EqualsReference(string text, long[] expected) => Assert.Equal(expected, _clip.Encode(text).Ids);

    [Theory]
    [MemberData(nameof(PadExclamationRows))]
    public void Encode_GoldenPaddedWithExclamation_EqualsReference(string text, long[] expected) =>
        Assert.Equal(expected, _padExclamation.Encode(text).Ids);

    // Ids from the Rust library for cases that the golden rows lack.
    [Theory]
    [InlineData("a <|endoftext|> b", new long[] { Begin, 320, End, 321, End })]
    [InlineData("a <|ENDOFTEXT|> b", new long[] { Begin, 320, End, 321, End })]
    [InlineData("\u212A", new long[] { Begin, 330, End })]
    [InlineData("\U0001D54F1", new long[] { Begin, 172, 251, 243, 493, 272, End })]
    public void Encode_SpecialTokensAndRareLetters_EqualsReference(string text, long[] expected) =>
        Assert.Equal(expected, Content(_clip.Encode(text)));

    [Fact]
    public void Encode_ShortPrompt_ReportsLengthWithoutPadding()
    {
        var prompt = _clip.Encode("a red apple");
        Assert.Equal((77, 5, false), (prompt.Ids.Length, prompt.Length, prompt.Truncated));
        Assert.All(prompt.Ids[5..], id => Assert.Equal(End, id));
    }

    [Theory]
    [InlineData(75, false)]
    [InlineData(76, true)]
    public void Encode_AroundTheLimit_KeepsTheEndToken(int words, bool isTruncated)
    {
        var prompt = _clip.Encode(string.Join(' ', Enumerable.Repeat("word", words)));
        Assert.Equal((77, 77, isTruncated), (prompt.Ids.Length, prompt.Length, prompt.Truncated));
        Assert.Equal((Begin, End), (prompt.Ids[0], prompt.Ids[^1]));
    }

    [Fact]
    public void Encode_OtherLength_FillsIt() => Assert.Equal([Begin, 320, 580, End], _clip.Encode("a red apple", 4).Ids);

    [Fact]
    public void Encode_NoRoomForSpecialTokens_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _clip.Encode("a", 1));

    [Fact]
    public void Encode_LoneSurrogateAndNoncharacter_CountAsOtherText()
    {
        Assert.Equal(_clip.Encode("a\uFFFDb").Ids, _clip.Encode("a\uD800b").Ids);
        Assert.Equal(_clip.Encode("\uFFFE caf\u00E9").Ids, _clip.Encode("\uFFFE cafe\u0301").Ids);
    }

    // A quadratic encoder needs minutes for these.
    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("!")]
    [InlineData("\u00E9")]
    [InlineData("<|endoftext|")]
    [InlineData(" ")]
    public async Task Encode_HugeWord_IsNotQuadratic(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 200_000 / unit.Length));
        await Task.Run(() => (_clip.Encode(text), _padExclamation.Encode(text))).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Encode_ManyThreads_GivesTheSameIds()
    {
        var rows = TokenizerGolden.Rows("clip").ToArray();
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            Assert.Equal(rows[i % rows.Length].Ids, _clip.Encode(rows[i % rows.Length].Text).Ids));
    }

    private static long[] Content(TokenizedPrompt prompt) => prompt.Ids[..prompt.Length];
}

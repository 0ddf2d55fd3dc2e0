namespace Inference.Pipelines.Tests;

/// <summary>What happens with settings in other published forms, and with broken files.</summary>
public sealed class TokenizerFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;

    public TokenizerFilesTests()
    {
        foreach (var file in Directory.GetFiles(TokenizerGolden.Folder("clip")))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("vocab.json", null)]
    [InlineData("vocab.json", "")]
    [InlineData("vocab.json", "[]")]
    [InlineData("vocab.json", "{}")]
    [InlineData("vocab.json", "{\"a\": -1}")]
    [InlineData("vocab.json", "{\"a\": \"x\"}")]
    [InlineData("vocab.json", "{\"a\": 1")]
    [InlineData("merges.txt", null)]
    [InlineData("merges.txt", "#version: 0.2\na b c")]
    [InlineData("merges.txt", "#version: 0.2\nnot-in vocabulary")]
    [InlineData("tokenizer_config.json", null)]
    [InlineData("tokenizer_config.json", "{}")]
    [InlineData("tokenizer_config.json", "{\"model_max_length\": 1000000000000000019884624838656}")]
    [InlineData("tokenizer_config.json", "{\"model_max_length\": 77, \"eos_token\": \"<|nowhere|>\"}")]
    [InlineData("tokenizer_config.json", "{\"model_max_length\": 77, \"eos_token\": 3}")]
    [InlineData("tokenizer_config.json", "{\"model_max_length\": 77, \"added_tokens_decoder\": {\"x\": {}}}")]
    [InlineData("special_tokens_map.json", "nothing")]
    public void Load_BrokenFile_NamesIt(string file, string? content)
    {
        Replace(file, content);
        var error = Assert.Throws<TokenizerException>(() => TokenizerFolder.Load(_folder));
        Assert.Equal(Path.Combine(_folder, file), error.File);
        Assert.Contains("expected", error.Message);
    }

    [Fact]
    public void Load_MergesThatAreNotText_NamesThem()
    {
        File.WriteAllBytes(Path.Combine(_folder, "merges.txt"), [0x61, 0xFF, 0xFE]);
        Assert.EndsWith("merges.txt", Assert.Throws<TokenizerException>(() => TokenizerFolder.Load(_folder)).File);
    }

    [Fact]
    public void Load_PlainStringsAndNoMap_AsInOlderFiles()
    {
        Replace("tokenizer_config.json", """
            {"model_max_length": 40, "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "pad_token": "!", "unk_token": "<|endoftext|>"}
            """);
        Replace("special_tokens_map.json", null);
        var prompt = TokenizerFolder.Load(_folder).Encode("Apple!! <|ENDOFTEXT|>");
        Assert.Equal(40, prompt.Ids.Length);
        Assert.Equal([4094, 1433, 0, 0, 4095, 4095, 0], prompt.Ids[..7]);
    }

    [Fact]
    public void Load_MapOnly_GivesTheTokens()
    {
        Replace("tokenizer_config.json", "{\"model_max_length\": 8}");
        Replace("special_tokens_map.json", "{\"pad_token\": {\"content\": \"!\", \"normalized\": false}}");
        Assert.Equal([4094, 580, 4095, 0, 0, 0, 0, 0], TokenizerFolder.Load(_folder).Encode("red").Ids);
    }

    private void Replace(string file, string? content)
    {
        var path = Path.Combine(_folder, file);
        File.Delete(path);
        if (content is not null)
            File.WriteAllText(path, content);
    }
}

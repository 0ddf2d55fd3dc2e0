using Inference.Pipelines;
using Inference.TestKit;

namespace Inference.Cli.Tests;

public sealed class OutputNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void PathOf_OnePicture_IsTheFileAsNamed() =>
        Assert.Equal(_folder.PathOf("cat.png"), Names("cat.png", Request("a cat")).PathOf(0, 0));

    [Fact]
    public void PathOf_SeveralPictures_AreNumberedOverAllRequests()
    {
        var names = Names("cat.webp", Request("a cat", count: 2), Request("a dog"));
        Assert.Equal(["cat-1.webp", "cat-2.webp", "cat-3.webp"], new[] { names.PathOf(0, 0), names.PathOf(0, 1), names.PathOf(1, 0) }.Select(Path.GetFileName));
        Assert.Equal(_folder.Root, Path.GetDirectoryName(names.PathOf(0, 0)));
    }

    [Theory]
    [InlineData("A cat, sitting!", "a-cat-sitting-5.png")]
    [InlineData("  ../../etc/passwd ", "etc-passwd-5.png")]
    [InlineData("猫", "picture-5.png")]
    [InlineData("", "picture-5.png")]
    [InlineData("--output", "output-5.png")]
    public void PathOf_InADirectory_IsMadeFromPromptAndSeed(string prompt, string file) =>
        Assert.Equal(_folder.PathOf(file), Names("", Request(prompt)).PathOf(0, 0));

    [Fact]
    public void PathOf_ALongPrompt_IsCutBetweenWords()
    {
        var file = Path.GetFileName(Names("", Request(new string('a', 59) + " " + new string('b', 500))).PathOf(0, 0));
        Assert.Equal(new string('a', 59) + "-5.png", file);
    }

    [Fact]
    public void PathOf_PicturesOfOneRequest_HaveTheirSeeds()
    {
        var names = Names("", Request("a cat", count: 3));
        Assert.Equal(["a-cat-5.png", "a-cat-6.png", "a-cat-7.png"], Enumerable.Range(0, 3).Select(i => Path.GetFileName(names.PathOf(0, i))));
    }

    [Fact]
    public void PathOf_PromptsWithTheSameName_DoNotOverwriteEachOther()
    {
        var names = Names("", Request("A cat!", count: 2), Request("a cat?"), Request("a cat", count: 2));
        string[] paths = [names.PathOf(0, 0), names.PathOf(0, 1), names.PathOf(1, 0), names.PathOf(2, 0), names.PathOf(2, 1)];
        Assert.Equal(["a-cat-5.png", "a-cat-6.png", "a-cat-5-2.png", "a-cat-5-3.png", "a-cat-6-2.png"], paths.Select(Path.GetFileName));
    }

    [Fact]
    public void Constructor_ADirectoryThatEndsWithASlash_IsMade()
    {
        var names = Names("new/sub/", Request("a cat"));
        Assert.True(Directory.Exists(_folder.PathOf("new", "sub")));
        Assert.Equal(_folder.PathOf("new", "sub", "a-cat-5.png"), names.PathOf(0, 0));
    }

    [Fact]
    public void Constructor_WithoutOutput_WritesToTheCurrentDirectory() =>
        Assert.Equal(Path.Combine(".", "a-cat-5.png"), new OutputNames(null, [Request("a cat")]).PathOf(0, 0));

    [Fact]
    public void Constructor_AFileInAMissingDirectory_NamesTheDirectory()
    {
        var error = Assert.Throws<CommandException>(() => Names("missing/cat.png", Request("a cat")));
        Assert.Contains($"'{_folder.PathOf("missing")}' does not exist", error.Message);
    }

    [Theory]
    [InlineData("cat.gif")]
    [InlineData("cat")]
    public void Constructor_AnotherExtension_SaysWhichThereAre(string file) =>
        Assert.Contains(".png, .jpg, .jpeg or .webp", Assert.Throws<CommandException>(() => Names(file, Request("a cat"))).Message);

    [Theory]
    [InlineData("a.png", ImageFormat.Png)]
    [InlineData("a.JPG", ImageFormat.Jpeg)]
    [InlineData("a.jpeg", ImageFormat.Jpeg)]
    [InlineData("a.b.webp", ImageFormat.WebP)]
    public void EncodingOf_AnExtension_IsItsFormat(string path, ImageFormat format) => Assert.Equal(format, OutputNames.EncodingOf(path).Format);

    public void Dispose() => _folder.Dispose();

    private static GenerationRequest Request(string prompt, int count = 1) => new() { Prompt = prompt, Seed = 5, Count = count };

    private OutputNames Names(string output, params GenerationRequest[] requests) => new(_folder.PathOf(output), requests);
}

namespace Inference.Cli.Tests;

public sealed class ArmArgumentTests
{
    [Fact]
    public void OptionsAreThoseOfGenerate()
    {
        var arm = ArmArgument.Read("fast-1: --sampler unipc --schedule focused --steps 8 --cache fora --cache-option interval=3 --negative-prompt \"a b\"");
        Assert.Equal(("fast-1", "unipc", "focused", 8, "a b"), (arm.Name, arm.Request.Sampler, arm.Request.Schedule, arm.Request.Steps, arm.Request.NegativePrompt));
        Assert.Equal(("fora", 3.0), (arm.Request.Cache!.Policy, arm.Request.Cache.Options["interval"]));
        Assert.Equal(("own", null), (ArmArgument.Read("own:").Name, ArmArgument.Read("own:").Request.Steps));
    }

    [Theory]
    [InlineData("no colon")]
    [InlineData(": --steps 4")]
    [InlineData("a b: --steps 4")]
    public void OtherForms_AreRefused(string text) => Assert.Contains("NAME: OPTIONS", Assert.Throws<CommandException>(() => ArmArgument.Read(text)).Message);

    [Theory]
    [InlineData("a: --stepz 4", "--stepz")]
    [InlineData("a: --steps four", "four")]
    [InlineData("a: --seed 4", "--seed")]
    public void UnknownOptions_AreNamed(string text, string named)
    {
        var message = Assert.Throws<CommandException>(() => ArmArgument.Read(text)).Message;
        Assert.Contains(named, message);
        Assert.StartsWith("arm 'a':", message);
    }

    [Theory]
    [InlineData("3", new long[] { 3 })]
    [InlineData("0,5,10..12", new long[] { 0, 5, 10, 11, 12 })]
    public void Seeds_AreNumbersAndRanges(string text, long[] seeds) => Assert.Equal(seeds, CompareCommand.Seeds(text));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("3..1")]
    [InlineData("1,1")]
    [InlineData("0..100000")]
    public void WrongSeeds_AreRefused(string text) => Assert.Throws<CommandException>(() => CompareCommand.Seeds(text));
}

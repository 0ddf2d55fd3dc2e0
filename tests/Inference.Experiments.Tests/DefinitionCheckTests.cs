namespace Inference.Experiments.Tests;

public sealed class DefinitionCheckTests
{
    private static ExperimentDefinition Good => SampleExperiments.Two.Definition;

    [Fact]
    public void AGoodDefinition_HasNoProblems() => Assert.Empty(DefinitionCheck.Problems(Good));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Weights_AreFiniteAndAbove0(double weight) => AssertField("arms[1].weight", Good with { Arms = [Good.Arms[0], Good.Arms[1] with { Weight = weight }] });

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void NamesOfArms_AreShortAndPlain(string name) => AssertField("arms[0].name", Good with { Arms = [Good.Arms[0] with { Name = name }, Good.Arms[1]] });

    [Fact]
    public void TheRest_HasBoundsToo()
    {
        AssertField("name", Good with { Name = " " });
        AssertField("arms", Good with { Arms = [Good.Arms[0]] });
        AssertField("arms", Good with { Arms = [.. Enumerable.Range(0, 10_000).Select(i => new Arm($"a{i}", 1, "{}"))] });
        AssertField("arms[1].name", Good with { Arms = [Good.Arms[0], Good.Arms[0]] });
        AssertField("default_share", Good with { DefaultShare = double.NaN });
        AssertField("pairing.share", Good with { Pairing = new(true, 0) });
        AssertField("stop.alpha", Good with { Stop = Good.Stop with { Alpha = 0 } });
        AssertField("stop.min_results", Good with { Stop = Good.Stop with { MinResults = 10 } });
        AssertField("stop.max_results", Good with { Stop = Good.Stop with { MaxResults = 60 } });
    }

    private static void AssertField(string field, ExperimentDefinition definition)
    {
        var problem = Assert.Single(DefinitionCheck.Problems(definition));
        Assert.Equal(field, problem.Field);
        Assert.Contains($"'{field}'", problem.Message);
    }
}

using System.Text.Json;
using Inference.Pipelines;

namespace Inference.Server.Tests;

public sealed class CacheFieldTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("")]
    public void Missing_IsNothing(string json) => Assert.Null(Read(json, out _));

    [Fact]
    public void Name_IsThePolicyWithItsDefaults()
    {
        var cache = Read("\"fora\"", out _)!;
        Assert.Equal(("fora", 0), (cache.Policy, cache.Options.Count));
    }

    [Fact]
    public void Object_HasThePolicyAndItsOptions()
    {
        var cache = Read("""{"policy":"magcache","threshold":0.1,"ratios":[1,0.98,1.05],"modules":"lite","disable_after":null}""", out var problems)!;
        Assert.Empty(problems);
        Assert.Equal("magcache", cache.Policy);
        Assert.Equal((0.1, "1,0.98,1.05", "lite", 3), (cache.Options["threshold"], cache.Options["ratios"], cache.Options["modules"], cache.Options.Count));
    }

    [Theory]
    [InlineData("3", "'cache' must be the name of a policy or an object")]
    [InlineData("[\"fora\"]", "'cache' must be the name of a policy or an object")]
    [InlineData("""{"interval":3}""", "'cache.policy' must be the name of a policy: fora, taylorseer")]
    [InlineData("""{"policy":7}""", "'cache.policy' must be the name of a policy")]
    [InlineData("""{"policy":"fora","interval":{}}""", "'cache.interval' must be a number")]
    [InlineData("""{"policy":"fora","interval":["x"]}""", "'cache.interval' must be a number")]
    public void Faults_NameTheField(string json, string message)
    {
        Read(json, out var problems);
        Assert.All(problems, problem => Assert.Equal("cache", problem.Parameter));
        Assert.Contains(problems, problem => problem.Message.Contains(message, StringComparison.Ordinal));
    }

    private static Sampling.CacheRequest? Read(string json, out List<RequestProblem> problems)
    {
        problems = [];
        return CacheField.Read(json.Length == 0 ? null : JsonElement.Parse(json), problems);
    }
}

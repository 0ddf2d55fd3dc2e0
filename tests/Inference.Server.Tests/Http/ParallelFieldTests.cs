using System.Text.Json;
using Inference.Pipelines;

namespace Inference.Server.Tests;

public sealed class ParallelFieldTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("")]
    public void Missing_IsNothing(string json) => Assert.Null(Read(json, out _));

    [Fact]
    public void Name_IsTheMethodWithItsDefaults()
    {
        var parallel = Read("\"picard\"", out _)!;
        Assert.Equal(("picard", 0), (parallel.Method, parallel.Options.Count));
    }

    [Fact]
    public void Object_HasTheMethodAndItsOptions()
    {
        var parallel = Read("""{"method":"parareal","tolerance":0.01,"window":"auto","coarse":"cached","blocks":null}""", out var problems)!;
        Assert.Empty(problems);
        Assert.Equal("parareal", parallel.Method);
        Assert.Equal((0.01, "auto", "cached", 3), (parallel.Options["tolerance"], parallel.Options["window"], parallel.Options["coarse"], parallel.Options.Count));
    }

    [Theory]
    [InlineData("true", "'parallel' must be the name of a method or an object")]
    [InlineData("""{"window":3}""", "'parallel.method' must be the name of a method: picard, parataa")]
    [InlineData("""{"method":"picard","window":{}}""", "'parallel.window' must be a number")]
    public void Faults_NameTheField(string json, string message)
    {
        Read(json, out var problems);
        Assert.All(problems, problem => Assert.Equal("parallel", problem.Parameter));
        Assert.Contains(problems, problem => problem.Message.Contains(message, StringComparison.Ordinal));
    }

    private static Sampling.ParallelRequest? Read(string json, out List<RequestProblem> problems)
    {
        problems = [];
        return ParallelField.Read(json.Length == 0 ? null : JsonElement.Parse(json), problems);
    }
}

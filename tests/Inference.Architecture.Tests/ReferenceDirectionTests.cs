using System.Reflection;
using System.Xml.Linq;
using Inference.TestKit;

namespace Inference.Architecture.Tests;

/// <summary>Dependencies point one way (ARCHITECTURE.md): Sampling, Batching, Onnx, Pipelines, then the hosts.</summary>
public sealed class ReferenceDirectionTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Inference.Sampling"] = [],
        ["Inference.Batching"] = ["Inference.Sampling"],
        ["Inference.Onnx"] = ["Inference.Sampling", "Inference.Batching"],
        ["Inference.Pipelines"] = ["Inference.Sampling", "Inference.Batching", "Inference.Onnx"],
        ["Inference.Server"] = ["Inference.Sampling", "Inference.Batching", "Inference.Onnx", "Inference.Pipelines", "Inference.Experiments"],
        ["Inference.Reports"] = [],
        ["Inference.LoadTest"] = ["Inference.Reports"],
        ["Inference.Experiments"] = ["Inference.Reports"],
        ["inference"] = ["Inference.Sampling", "Inference.Batching", "Inference.Onnx", "Inference.Pipelines", "Inference.LoadTest", "Inference.Reports", "Inference.Experiments"],
    };

    public static TheoryData<string> Assemblies => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Assembly_ReferencesOnlyWhatLiesBelowIt(string name)
    {
        var references = References(name);
        Assert.Empty(references.Where(reference => reference.StartsWith("Inference.", StringComparison.Ordinal)).Except(Allowed[name]));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void OnlyOnnx_ReferencesTheRuntime(string name)
    {
        var references = References(name).Contains("Microsoft.ML.OnnxRuntime");
        Assert.Equal(name == "Inference.Onnx", references);
    }

    [Theory]
    [InlineData("Inference.Sampling")]
    [InlineData("Inference.Batching")]
    [InlineData("Inference.Onnx")]
    [InlineData("Inference.Pipelines")]
    [InlineData("Inference.LoadTest")]
    [InlineData("Inference.Experiments")]
    [InlineData("Inference.Reports")]
    public void OnlyTheServer_ReferencesAspNet(string name) =>
        Assert.DoesNotContain(References(name), reference => reference.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || reference.StartsWith("Microsoft.Extensions", StringComparison.Ordinal));

    [Theory]
    [InlineData("Inference.Sampling")]
    [InlineData("Inference.Batching")]
    [InlineData("Inference.Onnx")]
    [InlineData("Inference.Pipelines")]
    [InlineData("Inference.Server")]
    [InlineData("Inference.Experiments")]
    public void NothingThatServes_ReferencesAnHttpClientOrSockets(string name) =>
        // No URL of a request is ever fetched.
        Assert.DoesNotContain(References(name), reference => reference is "System.Net.Http" or "System.Net.Requests" or "System.Net.WebClient" or "System.Net.Sockets");

    [Fact]
    public void Sampling_HasNoPackages()
    {
        var project = XDocument.Load(Repository.PathOf("src", "Inference.Sampling", "Inference.Sampling.csproj"));
        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("ProjectReference"));
    }

    [Fact]
    public void Solution_ListsEveryProject()
    {
        var solution = File.ReadAllText(Repository.PathOf("Inference.sln"));
        var projects = new[] { "src", "tests", "benchmarks" }.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .Where(path => !path.Contains("node_modules", StringComparison.Ordinal));
        Assert.All(projects, path => Assert.Contains(Path.GetFileName(path), solution));
    }

    private static string[] References(string name) => [.. Assembly.Load(name).GetReferencedAssemblies().Select(reference => reference.Name!)];
}
